"""A producer in Java with OpenTelemetry's agent, a C++ service under Waybill, and a consumer in Python with OpenTelemetry's
instrumentation share one trace for each order. test_jaeger.py reads the same from Jaeger."""

import pytest
from pipeline import ORDERS


@pytest.fixture
def send_through(pipeline, preload, real_kafka, sink):
    """Runs the three programs with these propagators and returns their spans."""
    preload.checks_sinks = False  # Java and Python send there too

    def run(*propagators):
        printed = pipeline.run(preload, real_kafka, sink.url, *propagators)
        assert len(printed.splitlines()) == ORDERS
        return sink.spans()

    return run


def assert_each_order_is_one_trace(spans):
    traces = {}
    for span in spans:
        traces.setdefault(span["trace_id"], []).append(span)
    assert len(traces) == ORDERS
    for trace in traces.values():
        children = {span["parent_span_id"]: span for span in trace}
        path = [children[""]]
        while path[-1]["span_id"] in children:
            path.append(children[path[-1]["span_id"]])
        assert [(span["resource"]["service.name"], span["kind"]) for span in path] == [
            ("orders", "PRODUCER"), ("billing", "CONSUMER"), ("billing", "PRODUCER"), ("shipping", "CONSUMER"),
        ]
        assert len(path) == len(trace)


@pytest.mark.parametrize("propagators", ["tracecontext,baggage", "b3"])
def test_an_order_is_one_trace_from_java_through_cpp_to_python(send_through, propagators):
    assert_each_order_is_one_trace(send_through(propagators))


def test_with_several_b3_headers_python_needs_the_single_one_beside_them(send_through):
    """Kafka's header names are exact, and OpenTelemetry for Python looks for the several ones in lower case only."""
    assert_each_order_is_one_trace(send_through("b3multi", "b3multi,b3"))
