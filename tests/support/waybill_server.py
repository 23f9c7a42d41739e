"""`waybill server` as a process, and questions to it."""

import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from doors import environment


class WaybillServer:
    """Serves on ports of its own until the block ends. `store` may be used again by the next one."""

    def __init__(self, build, store, *options, token=None):
        self._command = [build / "bin/waybill", "server", "--port", "0", "--grpc-port", "0", "--store", store, *options]
        self._token = token
        self.process = None
        self.url = ""
        self.grpc = ""

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(None)
        )
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("http"), self.process.stderr.read()
        self.grpc = self.process.stdout.readline().split()[-1]
        return self

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(timeout=20) == 0
        self.process.communicate()

    def request(self, path, body=None, **headers):
        """(status, headers, body) of whatever is answered."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self._token and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(self.url + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def send(self, spans, **headers):
        """Spans as dictionaries of OTLP's JSON, of one service."""
        service = headers.pop("service", "tests")
        resource = {"attributes": [text("service.name", service)]}
        body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}
        return self.request("/v1/traces", json.dumps(body).encode(), Content_Type="application/json", **headers)

    def send_gauge(self, name, value, group, topic, service="tests"):
        """A gauge of partition 0, as of now."""
        attributes = [
            text("messaging.consumer.group.name", group),
            text("messaging.destination.name", topic),
            text("messaging.destination.partition.id", "0"),
        ]
        point = {"asDouble": value, "timeUnixNano": str(time.time_ns()), "attributes": attributes}
        metrics = [{"name": name, "gauge": {"dataPoints": [point]}}]
        resource = {"attributes": [text("service.name", service)]}
        body = {"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"metrics": metrics}]}]}
        return self.request("/v1/metrics", json.dumps(body).encode(), Content_Type="application/json")

    def ask(self, path, **parameters):
        status, _, body = self.request(f"/api/v1{path}?{urllib.parse.urlencode(parameters)}")
        assert status == 200, (path, parameters, status, body)
        return json.loads(body)

    def wait_for(self, path, condition, seconds=60, **parameters):
        """Asks until the answer is as it should be."""
        give_up = time.monotonic() + seconds
        while not condition(answer := self.ask(path, **parameters)):
            assert time.monotonic() < give_up, f"not within {seconds} s: {path} {parameters}: {json.dumps(answer)[:2000]}"
            time.sleep(0.05)
        return answer


def text(name, value):
    return {"key": name, "value": {"stringValue": value}}


def span(trace, number, operation="send", topic="orders", offset=None, start_ns=None, parent="", **more):
    """A span of Kafka's, ten milliseconds long, which began a second ago."""
    start_ns = start_ns or time.time_ns() - 1_000_000_000
    attributes = [
        text("messaging.system", "kafka"),
        text("messaging.operation.type", operation),
        text("messaging.destination.name", topic),
    ]
    if offset is not None:
        attributes.append(text("messaging.destination.partition.id", "0"))
        attributes.append({"key": "messaging.kafka.offset", "value": {"intValue": str(offset)}})
    return {
        "traceId": f"{trace:032x}",
        "spanId": f"{number:016x}",
        "parentSpanId": parent,
        "name": f"{operation} {topic}",
        "kind": 4 if operation == "send" else 5,
        "startTimeUnixNano": str(start_ns),
        "endTimeUnixNano": str(start_ns + 10_000_000),
        "attributes": attributes + more.pop("attributes", []),
        **more,
    }
