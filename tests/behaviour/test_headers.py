"""WAYBILL_CAPTURE_HEADERS_INCLUDE and …_EXCLUDE: what spans show of the headers of messages."""

from doors import run_bare

PARENT = "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

# Hands three messages over at once, if they are there.
BATCH = """
import sys
from confluent_kafka import Consumer, TopicPartition
consumer = Consumer({'bootstrap.servers': sys.argv[1], 'group.id': 'batch'})
consumer.assign([TopicPartition(sys.argv[2], 0, 0)])
count = 0
while count < 3:
    count += len(consumer.consume(3, 1))
consumer.poll(0)
consumer.close()
"""


def headers(attributes):
    prefix = "messaging.header."
    return {name.removeprefix(prefix): values for name, values in attributes.items() if name.startswith(prefix)}


def produce(door, sink, kafka, *options, **variables):
    """Sends one message with these options of kcat; returns what its span shows of the headers."""
    result = door.run(sink, "kcat", *door.host_options, "-b", kafka.address, "-P", "-t", kafka.topic(), *options, input="hello", **variables)
    assert result.returncode == 0, result.stderr
    return headers(sink.wait_for(1)[0]["attributes"])


def fill(kafka, topic, *options):
    filled = run_bare("kcat", "-b", kafka.address, "-P", "-t", topic, "-p", "0", *options, input="hello")
    assert filled.returncode == 0, filled.stderr


def consume(door, sink, kafka, topic, **variables):
    result = door.run(sink, "kcat", "-q", *door.host_options, "-b", kafka.address, "-C", "-t", topic, "-o", "beginning", "-e", **variables)
    assert result.returncode == 0, result.stderr


def test_by_default_no_header_is_shown(door, sink, kafka):
    assert produce(door, sink, kafka, "-H", "tenant=eu") == {}


def test_a_send_shows_the_headers_that_are_included_and_not_excluded(door, sink, kafka):
    shown = produce(
        door, sink, kafka, "-H", "tenant=eu", "-H", "x-token=secret", "-H", "x-a=1", "-H", "tenant=us", "-H", "x-none", "-H", "other=1",
        WAYBILL_CAPTURE_HEADERS_INCLUDE="tenant, x-*", WAYBILL_CAPTURE_HEADERS_EXCLUDE="*token*",
    )  # fmt: skip
    assert shown == {"tenant": ["eu", "us"], "x-a": ["1"], "x-none": [""]}


def test_headers_of_propagators_are_shown_only_where_they_are_named(door, sink, kafka):
    assert produce(door, sink, kafka, "-H", "tenant=eu", WAYBILL_CAPTURE_HEADERS_INCLUDE="*") == {"tenant": ["eu"]}


def test_a_header_of_a_propagator_is_shown_as_it_leaves(door, sink, kafka):
    result = door.run(
        sink, "kcat", *door.host_options, "-b", kafka.address, "-P", "-t", kafka.topic(), input="hello",
        WAYBILL_CAPTURE_HEADERS_INCLUDE="traceparent",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    (span,) = sink.wait_for(1)
    (traceparent,) = headers(span["attributes"])["traceparent"]
    assert traceparent.split("-")[1:3] == [span["trace_id"], span["span_id"]]


def test_what_is_consumed_shows_the_headers_of_its_message(door, sink, kafka):
    topic = kafka.topic()
    fill(kafka, topic, "-H", PARENT, "-H", "tenant=eu", "-H", "tenant", "-H", "secret=1")
    consume(door, sink, kafka, topic, WAYBILL_CAPTURE_HEADERS_INCLUDE="*", WAYBILL_CAPTURE_HEADERS_EXCLUDE="secret")
    (span,) = sink.wait_for(1)
    assert headers(span["attributes"]) == {"tenant": ["eu", ""]}


def test_without_propagators_headers_are_shown_all_the_same(door, sink, kafka):
    topic = kafka.topic()
    fill(kafka, topic, "-H", "b3=0", "-H", "tenant=eu")
    consume(door, sink, kafka, topic, OTEL_PROPAGATORS="none", WAYBILL_CAPTURE_HEADERS_INCLUDE="*")
    (span,) = sink.wait_for(1)
    assert headers(span["attributes"]) == {"b3": ["0"], "tenant": ["eu"]}


def test_in_a_batch_headers_stand_on_the_link_of_their_message(preload, sink, kafka):
    topic = kafka.topic()
    for number in range(3):
        fill(kafka, topic, "-H", PARENT, "-H", f"number={number}")
    result = preload.run(sink, "/usr/bin/python3", "-c", BATCH, kafka.address, topic, WAYBILL_CAPTURE_HEADERS_INCLUDE="number")
    assert result.returncode == 0, result.stderr
    shown = []
    for span in sink.wait_for(1, operation="process"):
        if "messaging.batch.message_count" in span["attributes"]:
            assert headers(span["attributes"]) == {}
            shown += [headers(link["attributes"]) for link in span["links"]]
        else:
            shown.append(headers(span["attributes"]))
    assert shown == [{"number": [str(number)]} for number in range(3)]


def test_one_header_is_the_conversation_id(door, sink, kafka):
    result = door.run(
        sink, "kcat", *door.host_options, "-b", kafka.address, "-P", "-t", kafka.topic(), "-H", "call=first", "-H", "call=second", input="hello",
        WAYBILL_CONVERSATION_ID_HEADER="call",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    (span,) = sink.wait_for(1)
    assert span["attributes"]["messaging.message.conversation_id"] == "second"
    assert headers(span["attributes"]) == {}


def test_a_message_with_very_many_headers_shows_some_and_says_how_many_not(door, sink, kafka):
    topic = kafka.topic()
    options = [option for number in range(40) for option in ("-H", f"h{number}={number}")]
    result = door.run(
        sink, "kcat", *door.host_options, "-b", kafka.address, "-P", "-t", topic, *options, input="hello", WAYBILL_CAPTURE_HEADERS_INCLUDE="h*"
    )
    assert result.returncode == 0, result.stderr
    (span,) = sink.wait_for(1)
    assert len(headers(span["attributes"])) == 32
    assert span["dropped_attributes_count"] == 8
