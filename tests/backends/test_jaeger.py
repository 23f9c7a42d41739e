"""A real Jaeger: what it gives back of each trace is, span by span, what Waybill wrote to a file of its own."""

import json
import time
import urllib.error
import urllib.request

import pytest
from collecting import wait_until
from go_servers import GoServer, skip_unless_built
from otlp_lines import spans_in_file, spans_of
from pipeline import ORDERS as PIPELINE_ORDERS
from traffic import ORDERS, every_shape_of_span, from_shop_to_audit


@pytest.fixture(scope="session", autouse=True)
def jaeger_is_built(root):
    skip_unless_built(root, "jaeger")


class Jaeger(GoServer):
    def __init__(self, root, directory):
        super().__init__(root, "jaeger", directory)
        self.otlp = self.places["otlp_http"]

    def get(self, path):
        with urllib.request.urlopen(self.places["query"] + path, timeout=20) as answer:
            return json.load(answer)

    def spans_of_trace(self, trace_id):
        """The spans of a trace as OTLP has them, by their id; none while Jaeger does not know it."""
        try:
            return spans_of(self.get(f"/api/v3/traces/{trace_id}")["result"])
        except urllib.error.HTTPError as error:
            assert error.code == 404
            return {}

    def traces(self, service):
        """The traces in which a service has taken part, in the form that Jaeger's own page reads."""
        return self.get(f"/api/traces?service={service}&limit=1000&lookback=1h")["data"]

    def dependencies(self):
        """How often one service was followed by another: {(parent, child): calls}."""
        links = self.get(f"/api/dependencies?endTs={int(time.time() * 1000)}&lookback=3600000")["data"]
        return {(link["parent"], link["child"]): link["callCount"] for link in links}


@pytest.fixture
def jaeger(root, tmp_path):
    server = Jaeger(root, tmp_path / "jaeger")
    yield server
    server.stop()


@pytest.fixture
def run(preload, jaeger, tmp_path):
    """Runs a program whose spans go to Jaeger and to a file."""

    def start(service, *command, **options):
        result = preload.run(
            None, *command, OTEL_SERVICE_NAME=service, OTEL_TRACES_EXPORTER="otlp,otlp_file",
            OTEL_EXPORTER_OTLP_ENDPOINT=jaeger.otlp, WAYBILL_OTLP_FILE=str(tmp_path / "own.jsonl"), **options,
        )
        assert result.returncode == 0, result.stderr
        assert result.books["exporters"]["exported"] == result.books["exporters"]["submitted"], result.stderr
        return result

    return start


def all_read_back(jaeger, wanted):
    """The same spans as Jaeger gives them, once it has all of them."""
    traces = {span["trace_id"] for span in wanted.values()}
    read = lambda: {span_id: span for trace_id in traces for span_id, span in jaeger.spans_of_trace(trace_id).items()}
    wait_until(lambda: read().keys() >= wanted.keys(), "every span can be read back")
    return read()


def test_what_jaeger_gives_back_is_every_span_as_it_is(jaeger, run, kafka, build, tmp_path):
    every_shape_of_span(run, kafka, build)
    wanted = spans_in_file(tmp_path / "own.jsonl")
    assert all_read_back(jaeger, wanted) == {span_id: without_schema(span) for span_id, span in wanted.items()}


def without_schema(span):
    """Jaeger does not keep the schema's URL."""
    return span | {"scope": (*span["scope"][:2], "")}


def path_of(trace):
    """The (service, kind) of each span of a trace from its root on; the trace must be one path.

    Where a span has its parent as a link, too, Jaeger shows it once, as FOLLOWS_FROM."""
    children = {}
    for span in trace["spans"]:
        (parent,) = {one["spanID"] for one in span["references"]} or {None}
        children[parent] = span
    assert len(children) == len(trace["spans"])
    path = [children[None]]
    while path[-1]["spanID"] in children:
        path.append(children[path[-1]["spanID"]])
    return [(trace["processes"][span["processID"]]["serviceName"], kind_of(span)) for span in path]


def kind_of(span):
    return next(tag["value"] for tag in span["tags"] if tag["key"] == "span.kind")


FROM_SHOP_TO_AUDIT = [("shop", "producer"), ("billing", "consumer"), ("billing", "producer"), ("audit", "consumer")]


def test_an_order_is_one_tree_and_dependencies_go_from_producer_to_consumer(jaeger, run, kafka, build, tmp_path):
    from_shop_to_audit(run, kafka, build)
    all_read_back(jaeger, spans_in_file(tmp_path / "own.jsonl"))
    traces = jaeger.traces("shop")
    assert [path_of(trace) for trace in traces] == [FROM_SHOP_TO_AUDIT] * ORDERS
    dependencies = jaeger.dependencies()
    assert dependencies["shop", "billing"] == ORDERS
    assert dependencies["billing", "audit"] == 2 * ORDERS  # what is sent between two orders comes there, too
    assert not [link for link in dependencies if link[1] == "shop"]


@pytest.mark.parametrize(
    ("propagators", "of_service"), [("tracecontext,baggage", None), ("b3", None), ("b3multi", "b3multi,b3")], ids=["w3c", "b3", "b3multi"]
)
def test_java_cpp_and_python_share_one_trace(jaeger, pipeline, preload, real_kafka, propagators, of_service):
    """As test_pipeline.py has it, read from Jaeger."""
    pipeline.run(preload, real_kafka, jaeger.otlp, propagators, of_service)
    complete = lambda: [len(trace["spans"]) for trace in jaeger.traces("orders")] == [4] * PIPELINE_ORDERS
    wait_until(complete, "every span can be read back")
    for trace in jaeger.traces("orders"):
        assert path_of(trace) == [("orders", "producer"), ("billing", "consumer"), ("billing", "producer"), ("shipping", "consumer")]
