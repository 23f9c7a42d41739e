"""Three programs of tests/backends/pipeline in a row: Java with OpenTelemetry's agent, C++ under Waybill, Python with OpenTelemetry's
instrumentation. What their own makers give out for tracing is fetched once, into the build folder."""

import contextlib
import fcntl
import subprocess

from doors import environment

ORDERS = 3


@contextlib.contextmanager
def fetched_once(directory):
    """True inside the block if somebody must fill the directory; ctest may run two folders at once."""
    directory.mkdir(exist_ok=True)
    with open(directory / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        complete = directory / "complete"
        yield not complete.exists()
        complete.touch()


class JavaProgram:
    """Orders.java with OpenTelemetry's agent."""

    def __init__(self, sources, directory):
        self._directory = directory
        with fetched_once(directory) as empty:
            if empty:
                self._fetch(sources)

    def command(self, *arguments):
        agent = next(self._directory.glob("libraries/opentelemetry-javaagent-*.jar"))
        return ["java", "-XX:TieredStopAtLevel=1", f"-javaagent:{agent}", "-cp", self._class_path(), "Orders", *arguments]

    def _class_path(self):
        return f"{self._directory}/classes:" + ":".join(map(str, sorted(self._directory.glob("libraries/*.jar"))))

    def _fetch(self, sources):
        copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={self._directory}/libraries"]
        subprocess.run(["mvn", "-B", "-q", "-f", sources / "pom.xml", *copy], check=True)
        compiler = next(self._directory.glob("libraries/ecj-*.jar"))
        options = ["-17", "-cp", self._class_path(), "-d", self._directory / "classes"]
        subprocess.run(["java", "-jar", compiler, *options, sources / "Orders.java"], check=True)


class PythonProgram:
    """shipping.py under opentelemetry-instrument."""

    def __init__(self, sources, directory):
        self._sources = sources
        self._bin = directory / "bin"
        with fetched_once(directory) as empty:
            if empty:
                subprocess.run(["/usr/bin/python3", "-m", "venv", directory], check=True)
                subprocess.run([self._bin / "pip", "-q", "install", "-r", sources / "requirements.txt"], check=True)

    def command(self, *arguments):
        return [self._bin / "opentelemetry-instrument", self._bin / "python3", self._sources / "shipping.py", *arguments]


class Pipeline:
    def __init__(self, root, build):
        sources = root / "tests/backends/pipeline"
        self._java = JavaProgram(sources, build / "pipeline-java")
        self._python = PythonProgram(sources, build / "pipeline-python")
        self._billing = build / "hosts/billing"

    def run(self, door, kafka, otlp, propagators, of_service=None, topics=None):
        """Sends orders through all three, with these propagators (`of_service`: other ones in the C++ program) and returns
        what the last one printed. Their spans go to this OTLP receiver. `topics`: those of orders and of payments."""
        orders, payments = topics or (kafka.topic(), kafka.topic())
        variables = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": otlp, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none", "OTEL_PROPAGATORS": propagators,
        }
        run_program(self._java.command(kafka.address, orders, str(ORDERS)), **variables, OTEL_SERVICE_NAME="orders")
        own = variables | {"OTEL_SERVICE_NAME": "billing", "OTEL_PROPAGATORS": of_service or propagators}
        billed = door.run(None, self._billing, kafka.address, orders, payments, ORDERS, **own)
        assert billed.returncode == 0, billed.stderr
        return run_program(self._python.command(kafka.address, payments, str(ORDERS)), **variables, OTEL_SERVICE_NAME="shipping")


def run_program(command, **variables):
    result = subprocess.run(command, env=environment(None, **variables), capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    return result.stdout
