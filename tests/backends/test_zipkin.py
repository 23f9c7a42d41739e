"""A real Zipkin server: what was posted to it is read back, and compared with what an OTLP receiver got of the same spans."""

import json
import subprocess
import urllib.error
import urllib.request

import pytest
from collecting import wait_until

ORDERS = 5


class Zipkin:
    def __init__(self, root, directory):
        self._command = [root / "bin/zipkin"]
        self._directory = directory
        started = subprocess.run([*self._command, "start", "--dir", directory], stdout=subprocess.PIPE, text=True, check=True)
        self.url = started.stdout.strip()

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=20) as answer:
            return json.load(answer)

    def trace(self, trace_id):
        """The spans of a trace by their id; none while Zipkin does not know it."""
        try:
            return {span["id"]: span for span in self.get(f"/api/v2/trace/{trace_id}")}
        except urllib.error.HTTPError as error:
            assert error.code == 404
            return {}

    def counter(self, name):
        return self.get("/metrics").get(f"counter.zipkin_collector.{name}.http", 0)

    def stop(self):
        subprocess.run([*self._command, "stop", "--dir", self._directory], check=True)


@pytest.fixture(scope="module")
def zipkin(root, tmp_path_factory):
    server = Zipkin(root, tmp_path_factory.mktemp("zipkin"))
    yield server
    server.stop()


@pytest.fixture
def run(preload, sink, zipkin):
    """Runs a program whose spans go to Zipkin and to the OTLP receiver."""

    def start(service, *command, **options):
        result = preload.run(
            sink, *command, OTEL_SERVICE_NAME=service, OTEL_TRACES_EXPORTER="otlp,zipkin",
            OTEL_EXPORTER_ZIPKIN_ENDPOINT=zipkin.url + "/api/v2/spans", **options,
        )
        assert result.returncode == 0, result.stderr
        exporters = result.books["exporters"]
        assert exporters["exported"] == exporters["submitted"], exporters
        return result

    return start


def traces_of(spans):
    traces = {}
    for span in spans:
        traces.setdefault(span["trace_id"], {})[span["span_id"]] = span
    return traces


def all_read_back(zipkin, traces):
    """The same traces as Zipkin gives them, once it has all of their spans."""
    complete = lambda: all(zipkin.trace(trace_id).keys() == spans.keys() for trace_id, spans in traces.items())
    wait_until(complete, "every span can be read back")
    return {trace_id: zipkin.trace(trace_id) for trace_id in traces}


def assert_same(zipkin_span, span):
    kind = None if span["kind"] == "INTERNAL" else span["kind"]
    assert zipkin_span.get("parentId", "") == span["parent_span_id"]
    assert zipkin_span.get("kind") == kind
    assert zipkin_span["name"] == span["name"].lower()  # the server makes it so
    assert zipkin_span["timestamp"] == span["start_ns"] // 1000
    assert zipkin_span["duration"] == max(1, (span["end_ns"] - span["start_ns"]) // 1000)
    assert zipkin_span["localEndpoint"]["serviceName"] == span["resource"]["service.name"]
    tags = zipkin_span["tags"]
    for name, value in span["attributes"].items():
        wanted = value if isinstance(value, str) else json.dumps(value)
        assert tags[name] == wanted, name
    assert ("error" in tags) == (span["status"] == "ERROR")
    assert tags["otel.scope.name"] == "waybill.kafka"


def test_what_zipkin_gives_back_is_what_otlp_receivers_get(zipkin, run, sink, kafka, build):
    orders, payments = kafka.topic(), kafka.topic()
    taken_before = zipkin.counter("spans")
    run("shop", "kcat", "-b", kafka.address, "-P", "-t", orders, input="order\n" * ORDERS)
    run("billing", build / "hosts/relay", kafka.address, orders, payments, ORDERS)
    run("audit", "kcat", "-q", "-b", kafka.address, "-C", "-t", payments, "-o", "beginning", "-e")

    spans = sink.spans()
    traces = traces_of(spans)
    read_back = all_read_back(zipkin, traces)
    for trace_id, of_otlp in traces.items():
        for span_id, span in of_otlp.items():
            assert_same(read_back[trace_id][span_id], span)
    assert zipkin.counter("spans") - taken_before == len(spans)
    assert zipkin.counter("spans_dropped") == 0


def test_an_order_is_one_tree_of_producers_and_consumers_with_the_broker_between(zipkin, run, sink, kafka, build):
    orders, payments = kafka.topic(), kafka.topic()
    run("shop", "kcat", "-b", kafka.address, "-P", "-t", orders, input="order\n" * ORDERS)
    run("billing", build / "hosts/relay", kafka.address, orders, payments, ORDERS)
    run("audit", "kcat", "-q", "-b", kafka.address, "-C", "-t", payments, "-o", "beginning", "-e")

    sent = traces_of(sink.spans(topic=orders, operation="send"))
    assert len(sent) == ORDERS
    everything = traces_of(sink.spans())
    for trace_id, spans in all_read_back(zipkin, {trace_id: everything[trace_id] for trace_id in sent}).items():
        children = {span.get("parentId"): span for span in spans.values()}
        assert len(children) == len(spans) == 4  # one path
        path = [children[None]]
        while path[-1]["id"] in children:
            path.append(children[path[-1]["id"]])
        assert [(span["localEndpoint"]["serviceName"], span["kind"], span["name"]) for span in path] == [
            ("shop", "PRODUCER", f"send {orders}"), ("billing", "CONSUMER", f"process {orders}"),
            ("billing", "PRODUCER", f"send {payments}"), ("audit", "CONSUMER", f"process {payments}"),
        ]
        host, port = kafka.address.split(":")
        for span in path:
            assert span["remoteEndpoint"] == {"serviceName": host, "ipv4": host, "port": int(port)}


def test_a_send_that_failed_is_an_error_in_zipkin(zipkin, run, sink, host):
    run("shop", host("destroy_with_queued"), "127.0.0.1:1", "orders")
    failed = [span for span in sink.spans() if span["status"] == "ERROR"]
    assert failed
    read_back = all_read_back(zipkin, traces_of(sink.spans()))
    for span in failed:
        assert read_back[span["trace_id"]][span["span_id"]]["tags"]["error"] == span["status_message"] != ""
