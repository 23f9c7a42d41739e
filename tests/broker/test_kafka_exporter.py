"""Spans, metrics and log records that go to topics of Kafka: whole, as any receiver of OTLP reads them, and without spans about themselves."""

import json
import signal
import subprocess
import urllib.request

import pytest
from collecting import wait_until
from confluent_kafka import Consumer
from doors import environment
from otlp_lines import names_in_lines


class Topics:
    """Where spans, metrics and log records go; forward() hands what stands there to the OTLP receiver of the test, which reads it."""

    def __init__(self, kafka, sink):
        self._spans = kafka.topic()
        self._metrics = kafka.topic()
        self._logs = kafka.topic()
        self._brokers = kafka.address
        self._sink = sink
        self.settings = {
            "WAYBILL_KAFKA_CONFIG": f"bootstrap.servers={kafka.address}",
            "WAYBILL_KAFKA_TOPIC_TRACES": self._spans, "WAYBILL_KAFKA_TOPIC_METRICS": self._metrics,
            "WAYBILL_KAFKA_TOPIC_LOGS": self._logs,
        }

    def forward(self, spans):
        """Returns the spans, once this many have come, and no more stand in the topic."""
        def have_come():
            self._forward(self._spans, "/v1/traces")
            return len(self._sink.spans()) >= spans

        wait_until(have_come, f"{spans} spans stand in the topic")
        return self._sink.spans()

    def forward_metrics(self):
        self._forward(self._metrics, "/v1/metrics")
        return self._sink.points()

    def forward_logs(self):
        self._forward(self._logs, "/v1/logs")
        return self._sink.logs()

    def _forward(self, topic, path):
        consumer = Consumer({
            "bootstrap.servers": self._brokers, "group.id": f"reader-of-{topic}", "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
        })
        consumer.subscribe([topic])
        ends = set()
        while len(ends) < 4:
            message = consumer.poll(20)
            assert message is not None, "the topic cannot be read"
            if message.error():
                ends.add(message.partition())
                continue
            headers = {"Content-Type": "application/x-protobuf"}
            post = urllib.request.Request(self._sink.url + path, message.value(), headers, method="POST")
            urllib.request.urlopen(post, timeout=20).close()
        consumer.close()


@pytest.fixture
def topics(kafka, sink):
    return Topics(kafka, sink)


def test_a_topic_gets_the_same_spans_as_a_file(preload, sink, kafka, topics, tmp_path):
    path = tmp_path / "lines.jsonl"
    result = preload.run(
        sink, "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), input="order\n" * 500,
        OTEL_TRACES_EXPORTER="kafka,otlp_file", WAYBILL_OTLP_FILE=str(path), **topics.settings,
    )
    assert result.books["exporters"]["exported"] == 1000, result.stderr
    read = {span["span_id"]: span["name"] for span in topics.forward(500)}
    assert read == names_in_lines(path.read_text())
    assert len(read) == 500


def test_another_topic_gets_metrics(preload, sink, kafka, topics):
    preload.run(
        sink, "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), input="order\n" * 500,
        OTEL_TRACES_EXPORTER="none", OTEL_METRICS_EXPORTER="kafka", **topics.settings,
    )
    (sent,) = [point for point in topics.forward_metrics() if point["name"] == "messaging.client.sent.messages"]
    assert sent["value"] == 500


def test_a_third_topic_gets_log_records(build, preload, sink, topics):
    result = preload.run(
        sink, build / "hosts/host-destroy_with_queued", "127.0.0.1:1", "orders", OTEL_LOGS_EXPORTER="kafka", OTEL_METRICS_EXPORTER="none",
        **topics.settings,
    )
    assert result.books["log_exporters"]["exported"] == 5, result.stderr
    spans, records = sink.spans(), topics.forward_logs()
    assert sorted(record["span_id"] for record in records) == sorted(span["span_id"] for span in spans)
    assert {record["event"] for record in records} == {"messaging.send.exception"} and len(records) == 5


def test_a_batch_that_is_larger_than_a_message_goes_in_parts(preload, sink, kafka, topics):
    result = preload.run(
        sink, "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), input="order\n" * 20_000,
        OTEL_TRACES_EXPORTER="kafka", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="100000", OTEL_BSP_SCHEDULE_DELAY="5000",
        **topics.settings,
    )
    assert result.books["exporters"]["exported"] == 20_000, result.stderr
    assert len(topics.forward(20_000)) == 20_000


def test_a_broker_that_is_away_costs_spans_and_not_the_end(preload, sink, kafka):
    result = preload.run(
        sink, "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), input="order\n" * 5,
        OTEL_TRACES_EXPORTER="kafka", WAYBILL_KAFKA_CONFIG="bootstrap.servers=127.0.0.1:1", OTEL_BSP_EXPORT_TIMEOUT="500",
    )
    assert result.returncode == 0
    assert result.books["exporters"]["dropped"]["unreachable"] == 5
    assert "Connection refused" in result.stderr


def test_the_sending_of_spans_is_not_traced_though_the_libraries_are_loaded(build, sink, kafka, topics, tmp_path):
    runtime, books = tmp_path / "runtime", tmp_path / "books.json"
    traced = environment(sink, LD_PRELOAD=str(build / "lib/libwaybill-preload.so"), WAYBILL_RUNTIME_DIR=str(runtime))
    collect = subprocess.Popen(
        [build / "bin/waybill", "collect", "--runtime-dir", runtime, "--books", books], env=traced, stderr=subprocess.PIPE, text=True,
    )
    assert "reading in" in collect.stderr.readline()
    subprocess.run(
        ["kcat", "-b", kafka.address, "-P", "-t", kafka.topic()], input="order\n" * 5, text=True, check=True, timeout=60,
        env={**traced, "OTEL_TRACES_EXPORTER": "kafka", **topics.settings},
    )
    assert len(topics.forward(5)) == 5
    collect.send_signal(signal.SIGTERM)
    said = collect.communicate(timeout=30)[1]
    assert json.loads(books.read_text())["exporters"]["submitted"] == 5, said
    assert len(topics.forward(5)) == 5
