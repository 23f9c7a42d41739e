"""Programs that do what a test tells them, line by line, and the telemetry of which goes to the servers."""

import os
import pathlib
import signal
import subprocess

from doors import environment

HERE = pathlib.Path(__file__).parent


class Program:
    """One of them. The first line that it prints is its own process id: `waybill run` stands between it and us."""

    def __init__(self, command, variables):
        self._process = subprocess.Popen(
            list(map(str, command)), env=environment(None, **variables), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        line = self._process.stdout.readline()
        assert line.strip().isdigit(), f"{command} did not start: {line}"
        self._pid = int(line)

    def tell(self, *lines):
        """Says each line when the one before is done."""
        for line in lines:
            self.begin(line)
            self.expect("done")
        return self

    def begin(self, line):
        """Says it, and does not wait."""
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def expect(self, wanted):
        line = self._process.stdout.readline()
        assert line == wanted + "\n", line

    def end(self):
        """Ends it in good order. All of its telemetry has been sent then."""
        self._process.communicate("end\n", timeout=60)
        assert self._process.returncode == 0

    def stop(self):
        """Ends it if a test has failed before it could; `waybill run` hands the signal on."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.communicate(timeout=60)

    def kill(self):
        """Kills it, and waits until `waybill run` has told of that."""
        os.kill(self._pid, signal.SIGKILL)
        self._process.communicate(timeout=60)


class Programs:
    """Starts them against one Kafka."""

    def __init__(self, build, address, servers):
        self._build = build
        self._address = address
        self._servers = servers
        self._running = []

    def sender(self, topic, *properties, address=None, **variables):
        return self._start("shop", "/usr/bin/python3", HERE / "sender.py", address or self._address, topic, *properties, **variables)

    def reader(self, topic, group, *properties, **variables):
        return self._start("billing", "/usr/bin/python3", HERE / "reader.py", self._address, topic, group, *properties, **variables)

    def bare_reader(self, topic, group):
        """One that nobody traces."""
        return self._keep(Program(["/usr/bin/python3", HERE / "reader.py", self._address, topic, group], {}))

    def fault(self, situation, topic, name):
        """A user of the C++ API that goes wrong (faults.cpp)."""
        return self._start("billing", self._build / "hosts/api-faults", situation, self._address, topic, name)

    def run(self, program, situation, topic, out):
        """A test program of the C++ API that does one thing and ends."""
        command = [self._build / "hosts" / program, situation, self._address, topic, out]
        subprocess.run(self._traced(command), env=environment(None, **self._variables("shop")), check=True, timeout=60, stdout=subprocess.DEVNULL)

    def stop(self):
        for program in self._running:
            program.stop()

    def _start(self, service, *command, **variables):
        return self._keep(Program(self._traced(command), {**self._variables(service), **variables}))

    def _keep(self, program):
        self._running.append(program)
        return program

    def _traced(self, command):
        return [self._build / "bin/waybill", "run", "--wait", "--", *command]

    def _variables(self, service):
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self._servers.url,
            "OTEL_SERVICE_NAME": service,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "OTEL_METRIC_EXPORT_INTERVAL": "500",
            "WAYBILL_LAG_INTERVAL": "1000",
        }
