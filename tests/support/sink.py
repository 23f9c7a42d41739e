"""The OTLP receiver otlp-sink, as tests use it."""

import json
import pathlib
import subprocess
import time
import urllib.request


class Sink:
    """Runs otlp-sink while the `with` block lasts. Spans are plain dicts, as otlp_sink.cpp writes them."""

    def __init__(self, build, directory):
        self._output = pathlib.Path(directory) / "spans.jsonl"
        self._output.touch()
        self._process = subprocess.Popen(
            [build / "bin/otlp-sink", "--output", self._output], stdout=subprocess.PIPE, text=True
        )
        self.url = self._process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(10)
        self._process.stdout.close()

    def spans(self, **wanted):
        """The spans that have arrived, in the order of their start; `wanted` filters by operation, topic or service."""
        text = self._output.read_text(encoding="utf-8")
        spans = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
        keys = {"operation": "messaging.operation.name", "topic": "messaging.destination.name"}
        for name, value in wanted.items():
            if name == "service":
                spans = [span for span in spans if span["resource"].get("service.name") == value]
            else:
                spans = [span for span in spans if span["attributes"].get(keys[name]) == value]
        return sorted(spans, key=lambda span: span["start_ns"])

    def received(self):
        """How many spans have arrived; also when the receiver has ended."""
        return self._output.read_text(encoding="utf-8").count("\n")

    def wait_for(self, count, **wanted):
        """The spans, once there are at least `count`; fails after 20 seconds with what has arrived."""
        give_up = time.monotonic() + 20
        while time.monotonic() < give_up:
            spans = self.spans(**wanted)
            if len(spans) >= count:
                return spans
            time.sleep(0.02)
        raise AssertionError(f"{len(self.spans(**wanted))} of {count} spans {wanted} came: {self.spans()}")

    def points(self, name=None, **attributes):
        """The points of metrics that have arrived, in their order; `name` and attributes filter, a dot being two underscores."""
        text = pathlib.Path(f"{self._output}.metrics").read_text(encoding="utf-8")
        points = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
        wanted = {key.replace("__", "."): value for key, value in attributes.items()}
        return [
            point for point in points
            if name in (None, point["name"]) and all(point["attributes"].get(key) == value for key, value in wanted.items())
        ]

    def logs(self, **wanted):
        """The log records that have arrived, in the order of their time; `wanted` filters by topic or event."""
        text = pathlib.Path(f"{self._output}.logs").read_text(encoding="utf-8")
        records = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
        if "event" in wanted:
            records = [record for record in records if record["event"] == wanted["event"]]
        if "topic" in wanted:
            records = [record for record in records if record["attributes"].get("messaging.destination.name") == wanted["topic"]]
        return sorted(records, key=lambda record: record["time_ns"])

    def metric_requests(self):
        with urllib.request.urlopen(self.url + "/metric-requests", timeout=10) as answer:
            return json.load(answer)

    def requests(self):
        """Those with spans."""
        with urllib.request.urlopen(self.url + "/requests", timeout=10) as answer:
            return json.load(answer)

    def answer_next(self, *answers):
        """Scripts the next answers: dicts with status, retry_after, rejected_spans, message, delay_ms."""
        request = urllib.request.Request(self.url + "/answers", json.dumps({"answers": answers}).encode(), method="POST")
        urllib.request.urlopen(request, timeout=10).close()


class CountingSink:
    """Runs counting-sink while the `with` block lasts: for tests with millions of spans."""

    def __init__(self, build):
        self._process = subprocess.Popen([build / "bin/counting-sink"], stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.url = self._process.stdout.readline().strip()
        self._received = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None and pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "T":
            self._received = self.received()
        self._process.kill()  # it may have been stopped
        self._process.wait(10)
        self._process.stdout.close()

    @property
    def pid(self):
        return self._process.pid

    def received(self):
        """How many spans have arrived; also when the receiver has ended."""
        return self.counts()["spans"] if self._received is None else self._received

    def counts(self, service=None):
        """Of one service: {operation: {"distinct", "repeated", "errors", "unfinished"}}, over all of its processes."""
        with urllib.request.urlopen(self.url + "/counts", timeout=60) as answer:
            counts = json.load(answer)
        if service is None:
            return counts
        total = {}
        for host in counts["hosts"]:
            if host["service"] != service:
                continue
            for operation, numbers in host["operations"].items():
                sum_of = total.setdefault(operation, dict.fromkeys(numbers, 0))
                for name, number in numbers.items():
                    sum_of[name] += number
        return total
