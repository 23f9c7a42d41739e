"""The application's own OpenTelemetry spans and Waybill's are in one trace."""

import pytest


def test_spans_of_the_application_are_parents_and_children(build, plugin, kafka, sink):
    program = build / "hosts/api-opentelemetry"
    if not program.exists():
        pytest.skip("opentelemetry-cpp is not installed: bin/setup --test")
    topic, out = kafka.topic(), kafka.topic()
    result = plugin.run(sink, program, kafka.address, topic, out)
    assert result.returncode == 0, result.stdout + result.stderr
    plugin.stop()
    order, charge, last = (line.split() for line in result.stdout.splitlines())
    assert last == ["nothing", "is", "current"]
    (first,) = [span for span in sink.spans(operation="send") if span["name"] == f"send {topic}"]
    assert [first["trace_id"], first["parent_span_id"]] == order[1:]
    (processed,) = sink.spans(operation="process")
    assert [processed["trace_id"], processed["parent_span_id"]] == [first["trace_id"], first["span_id"]]
    assert charge[1] == processed["trace_id"]
    parents = [span["parent_span_id"] for span in sink.spans(operation="send") if span["name"] == f"send {out}"]
    assert sorted(parents) == sorted(["", processed["span_id"], processed["span_id"], charge[2]])
