"""What is counted, through each door and on each broker: everything, whether it is sampled or not."""

import pytest
from collecting import wait_until
from test_processing import consume, fill
from test_sending import kcat_produce

DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
SOON = {"OTEL_METRIC_EXPORT_INTERVAL": "200"}


def series_of(point):
    return tuple(sorted((key, str(value)) for key, value in point["attributes"].items())), point["resource"].get("process.pid")


def last_points(sink, name, **attributes):
    """The newest point of each series."""
    newest = {}
    for point in sink.points(name, **attributes):
        if point["time_ns"] >= newest.get(series_of(point), point)["time_ns"]:
            newest[series_of(point)] = point
    return list(newest.values())


def total(sink, name, **attributes):
    return sum(point.get("value", point.get("count", 0)) for point in last_points(sink, name, **attributes))


def wait_for_total(sink, name, expected, **attributes):
    wait_until(lambda: total(sink, name, **attributes) >= expected, f"{expected} of {name} {attributes}")
    assert total(sink, name, **attributes) == expected


@pytest.mark.parametrize(
    "sampling",
    [
        {},
        {"OTEL_TRACES_SAMPLER": "always_off"},
        {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01", "WAYBILL_INJECT": "sampled"},
        {"OTEL_TRACES_EXPORTER": "none"},
        {"OTEL_METRICS_EXPORTER": "otlp", "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5"},
    ],
    ids=["all", "nothing", "sampled-injected", "no-traces", "half"],
)
def test_every_message_is_counted_whatever_is_sampled(door, sink, kafka, sampling):
    door.checks_sinks = False
    topic = kafka.topic()
    kcat_produce(door, sink, kafka, topic, "".join(f"key:{number:03}\n" for number in range(700)), "-K", ":", **SOON, **sampling)
    wait_for_total(sink, "messaging.client.sent.messages", 700, messaging__destination__name=topic)
    wait_for_total(sink, "messaging.client.operation.duration", 700, messaging__destination__name=topic)
    wait_for_total(sink, "kafka.producer.queue.time", 700, messaging__destination__name=topic)
    wait_for_total(sink, "kafka.producer.broker.time", 700, messaging__destination__name=topic)
    wait_for_total(sink, "kafka.producer.sent.bytes", 700 * 6, messaging__destination__name=topic)
    (sent,) = last_points(sink, "messaging.client.sent.messages", messaging__destination__name=topic)
    assert sent["kind"] == "counter" and sent["unit"] == "{message}" and sent["temporality"] == "cumulative"
    assert sent["attributes"] == {
        "messaging.system": "kafka",
        "messaging.operation.name": "send",
        "messaging.destination.name": topic,
        "server.address": "127.0.0.1",
        "server.port": int(kafka.address.rsplit(":", 1)[1]),
    }
    assert sent["scope"]["name"] == "waybill.kafka"
    assert sent["schema_url"] == "https://opentelemetry.io/schemas/1.44.0"


def by_partition(sink, name, **attributes):
    points = last_points(sink, name, **attributes)
    return {point["attributes"].get("messaging.destination.partition.id"): point.get("value", point.get("count")) for point in points}


def test_partitions_are_told_apart_on_request(door, sink, kafka):
    topic = kafka.topic()
    apart = {"WAYBILL_METRICS_PARTITION_ID": "true", **SOON}
    kcat_produce(door, sink, kafka, topic, "one\ntwo\n", "-p", "0", **apart)
    kcat_produce(door, sink, kafka, topic, "one\n", "-p", "3", **apart)
    expected = {"0": 2, "3": 1}
    for name in ("messaging.client.sent.messages", "messaging.client.operation.duration", "kafka.producer.queue.time"):
        wait_until(lambda: by_partition(sink, name, messaging__operation__name="send") == expected, f"{name} of each partition")
    consume(door, sink, kafka, topic, **apart)
    wait_until(lambda: by_partition(sink, "messaging.client.consumed.messages") == expected, "deliveries of each partition")


def test_partitions_of_polls_and_of_processing_are_told_apart_on_request(relaying, sink, kafka):
    source = kafka.topic()
    for partition in ("1", "2"):
        fill(kafka, source, "one\n", "-p", partition)
    relaying.run(sink, kafka, source, kafka.topic(), 2, WAYBILL_METRICS_PARTITION_ID="true", **SOON)
    expected = {"1": 1, "2": 1}
    polls = [("messaging.client.operation.duration", "poll")] if relaying.sees_polls else []
    for name, operation in (*polls, ("messaging.process.duration", "process")):
        wait_until(lambda: by_partition(sink, name, messaging__operation__name=operation) == expected, f"{name} of each partition")


def test_a_sends_metric_is_as_long_as_its_span(door, sink, kafka):
    topic = kafka.topic()
    kcat_produce(door, sink, kafka, topic, "one\ntwo\nthree\n", **SOON)
    spans = sink.wait_for(3)
    wait_for_total(sink, "messaging.client.operation.duration", 3)
    (duration,) = last_points(sink, "messaging.client.operation.duration")
    assert duration["unit"] == "s"
    assert duration["bounds"] == DURATION_BOUNDS
    assert duration["sum"] == pytest.approx(sum(span["end_ns"] - span["start_ns"] for span in spans) / 1e9, abs=1e-9)
    assert duration["attributes"]["messaging.operation.type"] == "send"
    parts = [last_points(sink, f"kafka.producer.{part}.time")[0]["sum"] for part in ("queue", "broker")]
    assert sum(parts) == pytest.approx(duration["sum"], abs=1e-9)
    assert parts[1] == pytest.approx(
        sum(span["attributes"]["waybill.kafka.broker_time_ms"] for span in spans) / 1e3, abs=1e-6 * len(spans)
    )


def test_a_failed_send_has_the_same_error_on_span_and_metric(door, sink, kafka):
    topic = kafka.topic()
    result = door.run(
        sink, "kcat", *door.host_options, "-E", "-b", "127.0.0.1:1", "-P", "-t", topic, "-X", "message.timeout.ms=300",
        input="lost\n", **SOON
    )
    assert "Delivery failed" in result.stderr
    (span,) = sink.wait_for(1)
    assert span["attributes"]["error.type"] == "_MSG_TIMED_OUT"
    wait_for_total(sink, "messaging.client.sent.messages", 1, error__type="_MSG_TIMED_OUT")
    (duration,) = wait_until(lambda: last_points(sink, "messaging.client.operation.duration"), "its time")
    assert duration["attributes"]["error.type"] == "_MSG_TIMED_OUT"
    assert duration["sum"] == pytest.approx((span["end_ns"] - span["start_ns"]) / 1e9, abs=1e-9)


def test_every_delivery_is_counted_once(door, sink, kafka):
    topic = kafka.topic()
    fill(kafka, topic, "".join(f"{number:04}\n" for number in range(300)), "-p", "0")
    consume(door, sink, kafka, topic, **SOON, OTEL_TRACES_SAMPLER="always_off")
    wait_for_total(sink, "messaging.client.consumed.messages", 300, messaging__destination__name=topic)
    wait_for_total(sink, "kafka.consumer.consumed.bytes", 300 * 4, messaging__destination__name=topic)
    wait_for_total(sink, "kafka.record.age", 300, messaging__destination__name=topic)
    (age,) = last_points(sink, "kafka.record.age")
    assert age["bounds"][-3:] == [30, 60, 300]
    assert 0 <= age["sum"] < 300 * 600


def test_processing_is_as_long_on_the_metric_as_on_its_spans(preload, sink, kafka):
    topic = kafka.topic()
    fill(kafka, topic, "one\ntwo\nthree\n", "-p", "0")
    consume(preload, sink, kafka, topic, **SOON)
    spans = sink.wait_for(3, operation="process")
    wait_for_total(sink, "messaging.process.duration", 3)
    (duration,) = last_points(sink, "messaging.process.duration")
    assert duration["sum"] == pytest.approx(sum(span["end_ns"] - span["start_ns"] for span in spans) / 1e9, abs=1e-6 * len(spans))
    assert duration["bounds"] == DURATION_BOUNDS
    assert duration["attributes"]["messaging.operation.name"] == "process"


def test_a_poll_that_returns_a_message_is_an_operation_and_an_empty_one_is_not(relaying, sink, kafka):
    source, target = kafka.topic(), kafka.topic()
    fill(kafka, source, "one\ntwo\n", "-p", "0")
    relaying.run(sink, kafka, source, target, 2, **SOON)
    polled = {"messaging__operation__type": "receive", "messaging__consumer__group__name": "relay"}
    if relaying.sees_polls:
        wait_for_total(sink, "messaging.client.operation.duration", 2, **polled)
    wait_for_total(sink, "messaging.client.sent.messages", 4, messaging__destination__name=target)
    wait_for_total(sink, "messaging.process.duration", 2, messaging__destination__name=source)


def test_durations_have_their_spans_as_exemplars(door, sink, kafka):
    topic = kafka.topic()
    kcat_produce(door, sink, kafka, topic, "one\n", **SOON)
    sink.wait_for(1)
    wait_until(lambda: any(point["exemplars"] == 1 for point in last_points(sink, "messaging.client.operation.duration")), "an exemplar")


def test_the_time_in_hooks_is_told(preload, sink, kafka):
    topic = kafka.topic()
    kcat_produce(preload, sink, kafka, topic, "message\n" * 600, **SOON)
    (point,) = wait_until(lambda: [one for one in last_points(sink, "waybill.hook.time") if one["value"] > 0], "some time")
    assert point["unit"] == "s" and point["kind"] == "counter"


def test_no_metric_tells_keys_offsets_or_clients(door, sink, kafka):
    """They would make a series for each."""
    topic = kafka.topic()
    kcat_produce(door, sink, kafka, topic, "k:one\nk:two\n", "-K", ":", "-X", "client.id=me", **SOON)
    consume(door, sink, kafka, topic, "-X", "client.id=me", **SOON)
    wait_for_total(sink, "messaging.client.consumed.messages", 2)
    forbidden = {
        "messaging.kafka.message.key", "messaging.kafka.offset", "messaging.client.id", "messaging.kafka.cluster.id",
        "messaging.destination.partition.id",
    }
    for point in sink.points():
        assert not forbidden & point["attributes"].keys() or point["name"].startswith("kafka.consumer.lag"), point


# Two producers of one name send in turn; the second goes on when the first is gone.
TWO_OF_ONE_NAME = """
import sys
from confluent_kafka import Producer
producers = [Producer({'bootstrap.servers': sys.argv[1], 'client.id': 'shop'}) for _ in range(2)]
for _ in range(2):
    for producer in producers:
        for _ in range(10):
            producer.produce(sys.argv[2], b'order')
        assert producer.flush(30) == 0
    del producers[0], producer
"""


def test_two_clients_of_one_name_are_counted_together_and_the_end_of_one_ends_nothing(preload, sink, kafka):
    topic = kafka.topic()
    result = preload.run(sink, "/usr/bin/python3", "-c", TWO_OF_ONE_NAME, kafka.address, topic, **SOON)
    assert result.returncode == 0, result.stderr
    wait_for_total(sink, "messaging.client.sent.messages", 30)
    points = sink.points("messaging.client.sent.messages")
    assert len({series_of(point) for point in points}) == len({point["start_ns"] for point in points}) == 1
    values = [point["value"] for point in sorted(points, key=lambda point: point["time_ns"])]
    assert values == sorted(values)


@pytest.mark.parametrize("off", [{"OTEL_METRICS_EXPORTER": "none"}, {"OTEL_SDK_DISABLED": "true"}, {"WAYBILL_ENABLED": "false"}])
def test_what_is_switched_off_is_not_counted(preload, sink, kafka, off):
    topic = kafka.topic()
    kcat_produce(preload, sink, kafka, topic, "one\n", **SOON, **off)
    assert sink.points() == []
    assert sink.metric_requests() == []


def test_the_series_begin_when_their_program_did(door, sink, kafka):
    topic = kafka.topic()
    kcat_produce(door, sink, kafka, topic, "one\n", **SOON)
    (span,) = sink.wait_for(1)
    wait_for_total(sink, "messaging.client.sent.messages", 1)
    starts = {point["start_ns"] for point in sink.points() if point["resource"]["process.executable.name"] == "kcat" and point["kind"] != "gauge"}
    assert len(starts) == 1
    assert starts.pop() <= span["start_ns"]
