"""OTLP as lines of JSON, for whatever reads a file or a pipe: each line is a request as OTLP/HTTP in JSON has it."""

import stat

import pytest
from otlp_lines import names_in_lines


@pytest.fixture
def send(preload, sink, kafka):
    """Sends this many messages with a program that prints nothing itself, and returns the finished run."""

    def run(topic, count, exporters, **variables):
        result = preload.run(
            sink, "kcat", "-b", kafka.address, "-P", "-t", topic, input="order\n" * count, OTEL_TRACES_EXPORTER=exporters, **variables
        )
        assert result.returncode == 0, result.stderr
        exported = result.books["exporters"]["exported"]
        assert exported == count * len(exporters.split(",")), result.books
        return result

    return run


def names_at(sink):
    return {span["span_id"]: span["name"] for span in sink.spans()}


def test_stdout_gets_the_same_spans_as_a_receiver(send, sink, kafka):
    result = send(kafka.topic(), 5, "otlp/stdout,otlp")
    assert names_in_lines(result.stdout) == names_at(sink)
    assert len(names_at(sink)) == 5


def test_a_file_gets_the_same_spans_as_a_receiver_run_after_run(send, sink, kafka, tmp_path):
    path = tmp_path / "lines.jsonl"
    for _ in range(2):
        send(kafka.topic(), 3, "otlp_file,otlp", WAYBILL_OTLP_FILE=str(path))
    assert names_in_lines(path.read_text()) == names_at(sink)
    assert len(names_at(sink)) == 6
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
