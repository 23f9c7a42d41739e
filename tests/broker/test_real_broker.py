"""What only a real Apache Kafka broker shows, and clients that bring a librdkafka of their own."""

from doors import assert_books_balance, run_bare

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

ROUND_TRIP = """
import sys
import confluent_kafka
from confluent_kafka import Consumer, Producer
brokers, source, target = sys.argv[1:4]
conf = dict(pair.split('=', 1) for pair in sys.argv[4:])
consumer = Consumer({**conf, 'bootstrap.servers': brokers, 'group.id': 'round-trip', 'auto.offset.reset': 'earliest'})
producer = Producer({**conf, 'bootstrap.servers': brokers, 'enable.idempotence': True})
producer.produce(source, b'first', key='k')
producer.flush(10)
consumer.subscribe([source])
while True:
    message = consumer.poll(1)
    if message is not None and message.error() is None:
        break
producer.produce(target, message.value(), key=message.key())
producer.flush(10)
consumer.commit(message)
consumer.close()
print(confluent_kafka.libversion()[0])
"""


def check_round_trip(sink, topics, sees_processing):
    source, target = topics
    first, second = sink.wait_for(2, operation="send")
    assert (first["name"], second["name"]) == (f"send {source}", f"send {target}")
    assert all(span["attributes"]["messaging.kafka.offset"] == 0 for span in (first, second))
    if sees_processing:
        (consumed,) = sink.wait_for(1, operation="process")
        assert consumed["parent_span_id"] == first["span_id"]
        assert second["parent_span_id"] == consumed["span_id"]
        assert len({span["trace_id"] for span in (first, consumed, second)}) == 1
        assert consumed["attributes"]["messaging.consumer.group.name"] == "round-trip"
    else:
        (consumed,) = sink.wait_for(1, operation="poll")
        assert second["parent_span_id"] == ""
    assert [link["span_id"] for link in consumed["links"]] == [first["span_id"]]


def test_debians_python_client(door, sink, kafka):
    topics = kafka.topic(), kafka.topic()
    options = [option for option in door.host_options if option != "-X"]
    result = door.run(sink, "/usr/bin/python3", "-c", ROUND_TRIP, kafka.address, *topics, *options)
    assert result.stdout == "2.0.2\n", result.stderr
    check_round_trip(sink, topics, door.sees_processing)
    assert_books_balance(result.books or door.books())


def test_the_python_wheel_with_a_newer_librdkafka_of_its_own(door, sink, kafka, wheel):
    """Symbols come from the librdkafka that calls, whichever others are on the machine."""
    topics = kafka.topic(), kafka.topic()
    options = [option for option in door.host_options if option != "-X"]
    result = door.run(sink, wheel, "-c", ROUND_TRIP, kafka.address, *topics, *options)
    assert result.returncode == 0, result.stderr
    assert result.stdout >= "2.15"
    check_round_trip(sink, topics, door.sees_processing)
    assert_books_balance(result.books or door.books())


def test_kcat_to_kcat_is_one_trace(preload, sink, kafka):
    topic = kafka.topic()
    preload.run(sink, "kcat", "-b", kafka.address, "-P", "-t", topic, input="hello", OTEL_SERVICE_NAME="sender")
    result = preload.run(
        sink, "kcat", "-q", "-b", kafka.address, "-G", "group-1", "-X", "auto.offset.reset=earliest", "-c", "1", topic, OTEL_SERVICE_NAME="reader"
    )
    assert result.stdout == "hello\n"
    sent, processed = sink.wait_for(2)
    assert (sent["name"], processed["name"]) == (f"send {topic}", f"process {topic}")
    assert (processed["trace_id"], processed["parent_span_id"]) == (sent["trace_id"], sent["span_id"])
    assert processed["attributes"]["messaging.consumer.group.name"] == "group-1"


def test_the_cluster_is_named_once_the_client_knows_it(preload, sink, kafka):
    """From the client's cache only."""
    topics = kafka.topic(), kafka.topic()
    preload.run(sink, "/usr/bin/python3", "-c", ROUND_TRIP, kafka.address, *topics)
    second = sink.wait_for(2, operation="send")[1]
    assert len(second["attributes"]["messaging.kafka.cluster.id"]) == 22


def test_a_topic_that_does_not_exist_fails_in_plain_words(door, sink, kafka):
    script = (
        "import sys; from confluent_kafka import Producer\n"
        "conf = dict(pair.split('=', 1) for pair in sys.argv[2:])\n"
        "p = Producer({**conf, 'bootstrap.servers': sys.argv[1], 'message.timeout.ms': 2000}); p.produce('no-such-topic', b'x'); p.flush(10)\n"
    )
    options = [option for option in door.host_options if option != "-X"]
    door.run(sink, "/usr/bin/python3", "-c", script, kafka.address, *options)
    (span,) = sink.wait_for(1)
    assert span["status"] == "ERROR"
    assert span["attributes"]["error.type"] in ("UNKNOWN_TOPIC_OR_PART", "_UNKNOWN_TOPIC", "_MSG_TIMED_OUT")
    assert ":" in span["status_message"]
    assert "messaging.destination.partition.id" not in span["attributes"]


def test_purged_messages_end_with_their_reason(preload, sink, kafka):
    script = (
        "import sys; from confluent_kafka import Producer\n"
        "p = Producer({'bootstrap.servers': sys.argv[1], 'linger.ms': 60000})\n"
        "[p.produce(sys.argv[2], b'x') for _ in range(5)]; p.purge(); p.flush(10)\n"
    )
    result = preload.run(sink, "/usr/bin/python3", "-c", script, kafka.address, kafka.topic())
    assert result.returncode == 0, result.stderr
    spans = sink.wait_for(5)
    assert {span["attributes"]["error.type"] for span in spans} == {"_PURGE_QUEUE"}
    assert {span["attributes"]["waybill.kafka.persistence"] for span in spans} == {"not_persisted"}
    assert_books_balance(result.books)
