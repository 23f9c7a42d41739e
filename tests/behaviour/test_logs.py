"""What fails is in the log, too: one record for each failed span, with the ids of that span."""

import json

import pytest

NOBODY = "127.0.0.1:1"
MESSAGES = 5


@pytest.fixture
def fail_to_send(build, preload):
    """Lets a program end its producer while messages wait for a broker that is not there; returns the finished process."""

    def run(sink, **variables):
        return preload.run(
            sink, build / "hosts/host-destroy_with_queued", NOBODY, "orders", OTEL_SERVICE_NAME="shop", OTEL_METRICS_EXPORTER="none",
            **variables,
        )

    return run


def assert_belongs(record, span):
    assert (record["trace_id"], record["span_id"], record["flags"]) == (span["trace_id"], span["span_id"], span["flags"] & 0xFF)
    assert (record["event"], record["severity"], record["severity_number"]) == ("messaging.send.exception", "WARN", 13)
    assert record["time_ns"] == record["observed_ns"] == span["end_ns"]
    assert record["attributes"]["exception.type"] == record["attributes"]["error.type"] == span["attributes"]["error.type"]
    assert record["attributes"]["exception.message"] == span["status_message"]
    assert record["attributes"]["messaging.destination.name"] == "orders"
    assert (record["resource"], record["scope"], record["schema_url"]) == (span["resource"], span["scope"], span["schema_url"])


def test_each_failed_send_is_one_record_with_the_ids_of_its_span(fail_to_send, sink):
    result = fail_to_send(sink)
    spans = {span["span_id"]: span for span in sink.spans()}
    records = {record["span_id"]: record for record in sink.logs()}
    assert len(sink.logs()) == len(records) == len(spans) == MESSAGES
    for span_id, record in records.items():
        assert_belongs(record, spans[span_id])
    assert result.books["log_exporters"]["exported"] == result.books["log_exporters"]["submitted"] == MESSAGES


FAILING_POLL = """
import sys
from confluent_kafka import Consumer, TopicPartition

brokers, topic = sys.argv[1:]
consumer = Consumer({"bootstrap.servers": brokers, "group.id": topic, "auto.offset.reset": "error"})
consumer.assign([TopicPartition(topic, 0)])  # the group has committed nothing
while (message := consumer.poll(1)) is None:
    pass
print(message.error().name())
consumer.close()
"""


def test_a_poll_that_fails_is_a_span_and_a_record(preload, sink, kafka):
    topic = kafka.topic()
    result = preload.run(sink, "/usr/bin/python3", "-c", FAILING_POLL, kafka.address, topic)
    assert result.stdout == "_AUTO_OFFSET_RESET\n"
    (span,), (record,) = sink.spans(), sink.logs()
    assert (span["name"], span["status"]) == (f"poll {topic}", "ERROR")
    assert span["attributes"]["error.type"] == record["attributes"]["exception.type"] == "_AUTO_OFFSET_RESET"
    assert (record["event"], record["span_id"]) == ("messaging.receive.exception", span["span_id"])


def test_what_succeeds_is_not_in_the_log(preload, sink, kafka):
    result = preload.run(sink, "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), input="order\n")
    assert len(sink.spans()) == 1 and sink.logs() == []
    assert result.books["log_exporters"]["submitted"] == 0


def test_what_is_not_sampled_is_in_the_log_if_it_is_kept(fail_to_send, sink):
    fail_to_send(sink, OTEL_TRACES_SAMPLER="always_off")
    assert sink.logs() == []
    fail_to_send(sink, OTEL_TRACES_SAMPLER="always_off", WAYBILL_KEEP="errors")
    assert [record["flags"] & 1 for record in sink.logs()] == [0] * MESSAGES


def test_log_records_go_where_spans_do_not(fail_to_send, sink):
    fail_to_send(sink, OTEL_TRACES_EXPORTER="none")
    assert len(sink.logs()) == MESSAGES
    fail_to_send(sink, OTEL_LOGS_EXPORTER="none")
    assert len(sink.logs()) == len(sink.spans()) == MESSAGES


def test_lines_of_otlp_reach_stdout_and_a_file(fail_to_send, tmp_path):
    file = tmp_path / "lines"
    result = fail_to_send(
        None, OTEL_TRACES_EXPORTER="none", OTEL_LOGS_EXPORTER="otlp/stdout,otlp_file", WAYBILL_OTLP_FILE=str(file),
    )
    on_stdout = [line for line in result.stdout.splitlines() if line != "destroyed"]
    for lines in on_stdout, file.read_text().splitlines():
        (line,) = lines
        (logs,) = json.loads(line)["resourceLogs"]
        assert [record["eventName"] for record in logs["scopeLogs"][0]["logRecords"]] == ["messaging.send.exception"] * MESSAGES


def test_the_console_shows_a_line_for_each(fail_to_send):
    result = fail_to_send(None, OTEL_TRACES_EXPORTER="none", OTEL_LOGS_EXPORTER="console")
    lines = [line for line in result.stderr.splitlines() if "messaging.send.exception" in line]
    assert len(lines) == MESSAGES
    assert all('shop WARN messaging.send.exception "send orders" error=' in line for line in lines)


def test_one_line_says_that_nobody_takes_log_records(fail_to_send):
    result = fail_to_send(None, OTEL_TRACES_EXPORTER="none", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{NOBODY}")
    assert sum("log records" in line for line in result.stderr.splitlines()) == 1, result.stderr
    books = result.books["log_exporters"]
    assert books["dropped"]["unreachable"] == books["submitted"] == MESSAGES
