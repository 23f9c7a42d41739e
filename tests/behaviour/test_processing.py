"""What a consumer's spans say: processing where its end can be seen, else a receive span."""

import pytest
from doors import assert_books_balance, run_bare

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def fill(kafka, topic, text="hello\n", *options):
    filled = run_bare("kcat", "-b", kafka.address, "-P", "-t", topic, *options, input=text)
    assert filled.returncode == 0, filled.stderr


def consume(door, sink, kafka, topic, *options, **variables):
    result = door.run(
        sink, "kcat", "-q", *door.host_options, "-b", kafka.address, "-C", "-t", topic, "-o", "beginning", "-e", *options, **variables
    )
    assert result.returncode == 0, result.stderr
    return result


def test_a_message_is_processed_as_the_child_of_its_sender_and_linked_to_it(preload, sink, kafka):
    topic = kafka.topic()
    fill(kafka, topic, "hello\n", "-H", f"traceparent={PARENT}", "-H", "tracestate=vendor=1", "-k", "key-1")
    result = consume(preload, sink, kafka, topic)
    (span,) = sink.wait_for(1)
    attributes = span["attributes"]
    assert span["name"] == f"process {topic}"
    assert span["kind"] == "CONSUMER"
    assert (span["trace_id"], span["parent_span_id"]) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert span["trace_state"] == "vendor=1"
    assert [(link["trace_id"], link["span_id"]) for link in span["links"]] == [
        ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    ]
    assert span["flags"] & 0x300 == 0x300  # the parent is known to be remote
    assert attributes["messaging.operation.type"] == "process"
    assert attributes["messaging.kafka.message.key"] == "key-1"
    assert attributes["messaging.kafka.offset"] == 0
    assert attributes["messaging.client.id"] == "rdkafka"
    assert attributes["waybill.kafka.record_age_ms"] >= 0
    assert_books_balance(result.books)


def test_where_the_end_cannot_be_seen_there_is_a_receive_span_with_the_link(plugin, sink, kafka):
    topic = kafka.topic()
    fill(kafka, topic, "hello\n", "-H", f"traceparent={PARENT}")
    consume(plugin, sink, kafka, topic)
    (span,) = sink.wait_for(1)
    assert span["name"] == f"poll {topic}"
    assert span["kind"] == "CLIENT"
    assert span["parent_span_id"] == ""
    assert span["trace_id"] != "0af7651916cd43dd8448eb211c80319c"
    assert [link["span_id"] for link in span["links"]] == ["b7ad6b7169203331"]
    assert_books_balance(plugin.books())


def test_waybill_process_none_gives_a_receive_span_for_each_poll(preload, sink, kafka):
    topic = kafka.topic()
    fill(kafka, topic, "one\ntwo\n", "-H", f"traceparent={PARENT}", "-p", "0")
    consume(preload, sink, kafka, topic, WAYBILL_PROCESS="none")
    spans = sink.wait_for(1, operation="poll")
    assert sum(len(span["links"]) for span in spans) == 2
    assert sink.spans(operation="process") == []


def test_a_message_without_a_context_starts_a_trace_of_its_own(door, sink, kafka):
    topic = kafka.topic()
    fill(kafka, topic, "one\ntwo\n")
    consume(door, sink, kafka, topic)
    spans = sink.wait_for(2)
    assert len({span["trace_id"] for span in spans}) == 2
    assert all(span["links"] == [] and span["parent_span_id"] == "" for span in spans)


def test_an_empty_topic_makes_no_span(door, sink, kafka):
    """Empty polls and the end of a partition."""
    topic = kafka.topic()
    fill(kafka, topic, "only one\n", "-p", "1")
    result = consume(door, sink, kafka, topic)
    sink.wait_for(1)
    assert_books_balance(result.books or door.books())
    assert len(sink.spans()) == 1


def test_a_sender_that_did_not_sample_is_followed(preload, sink, kafka):
    topic = kafka.topic()
    fill(kafka, topic, "hello\n", "-H", f"traceparent={PARENT[:-2]}00")
    result = consume(preload, sink, kafka, topic)
    assert result.books["exporters"]["submitted"] == 0


def test_relation_link_starts_a_new_trace(preload, sink, kafka):
    topic = kafka.topic()
    fill(kafka, topic, "hello\n", "-H", f"traceparent={PARENT}")
    consume(preload, sink, kafka, topic, WAYBILL_CONSUMER_RELATION="link")
    (span,) = sink.wait_for(1)
    assert span["trace_id"] != "0af7651916cd43dd8448eb211c80319c"
    assert span["parent_span_id"] == ""
    assert [link["span_id"] for link in span["links"]] == ["b7ad6b7169203331"]


@pytest.mark.parametrize("mode", [[], ["forward"]])
def test_what_a_c_program_sends_while_it_processes_is_a_child_and_nothing_else_is(relaying, sink, kafka, mode):
    """The processing ends with rd_kafka_message_destroy, and a forwarded context is replaced."""
    source, target = kafka.topic(), kafka.topic()
    fill(kafka, source, "one\ntwo\n", "-H", f"traceparent={PARENT}", "-H", "tracestate=vendor=1")
    result = relaying.run(sink, kafka, source, target, 2, *mode)
    assert result.returncode == 0, result.stderr
    processed = sink.wait_for(2, operation="process")
    sent = sink.wait_for(4, operation="send")
    parents = {span["span_id"] for span in processed}
    inside = [span for span in sent if span["parent_span_id"] in parents]
    outside = [span for span in sent if span["parent_span_id"] == ""]
    assert (len(inside), len(outside)) == (2, 2)
    assert {span["trace_id"] for span in inside} == {"0af7651916cd43dd8448eb211c80319c"}
    assert {span["trace_state"] for span in inside} == {"vendor=1"}
    assert all(span["kind"] == "PRODUCER" and span["links"] == [] for span in inside)
    assert all(span["trace_id"] != "0af7651916cd43dd8448eb211c80319c" for span in outside)
    for span in processed:
        # 20 ms of work, then 5 ms of idling which do not belong to it.
        assert span["end_ns"] - span["start_ns"] >= 20_000_000
    read = run_bare("kcat", "-q", "-b", kafka.address, "-C", "-t", target, "-e", "-f", "%s %h\n").stdout.splitlines()
    relayed = dict(line.split(" ", 1) for line in read if not line.startswith("between"))
    assert sorted(relayed) == ["one", "two"]
    assert sorted(relayed.values()) == sorted(
        f"traceparent=00-{span['trace_id']}-{span['span_id']}-01,tracestate=vendor=1" for span in inside
    )
    assert_books_balance(result.books)


PYTHON = """
import sys
from confluent_kafka import Consumer, Producer, TopicPartition
brokers, source, target, count, batch = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
conf = dict(pair.split('=', 1) for pair in sys.argv[6:])
consumer = Consumer({'bootstrap.servers': brokers, 'group.id': 'py', 'auto.offset.reset': 'earliest', **conf})
producer = Producer({'bootstrap.servers': brokers, **conf})
consumer.assign([TopicPartition(source, partition, 0) for partition in range(4)])
done = 0
while done < count:
    if batch:
        messages = consumer.consume(batch, 1)
    else:
        message = consumer.poll(1)
        messages = [] if message is None else [message]
    for message in messages:
        if message.error() is None:
            producer.produce(target, message.value())
            done += 1
consumer.poll(0)
producer.produce(target, b'after')
producer.flush(10)
consumer.close()
print('done', done)
"""


def test_a_python_program_processes_until_its_next_poll(preload, sink, kafka):
    """The binding destroys its message at once."""
    source, target = kafka.topic(), kafka.topic()
    fill(kafka, source, "one\ntwo\n", "-H", f"traceparent={PARENT}")
    result = preload.run(sink, "/usr/bin/python3", "-c", PYTHON, kafka.address, source, target, 2, 0)
    assert result.stdout == "done 2\n", result.stderr
    processed = sink.wait_for(2, operation="process")
    sent = sink.wait_for(3, operation="send")
    assert [span["parent_span_id"] for span in sent[:2]] == [span["span_id"] for span in processed]
    assert sent[2]["parent_span_id"] == ""
    assert_books_balance(result.books)


def test_a_batch_is_one_process_span_with_a_link_for_each_message(preload, sink, kafka):
    """What is sent meanwhile belongs to the batch."""
    source, target = kafka.topic(), kafka.topic()
    fill(kafka, source, "one\ntwo\nthree\n", "-H", f"traceparent={PARENT}", "-p", "2")
    result = preload.run(sink, "/usr/bin/python3", "-c", PYTHON, kafka.address, source, target, 3, 3)
    assert result.stdout == "done 3\n", result.stderr
    processed = sink.wait_for(1, operation="process")
    batches = [span for span in processed if "messaging.batch.message_count" in span["attributes"]]
    links = [link for span in processed for link in span["links"]]
    assert len(links) == 3
    for span in batches:
        assert span["parent_span_id"] == ""
        assert span["attributes"]["messaging.destination.partition.id"] == "2"
        assert len(span["links"]) == span["attributes"]["messaging.batch.message_count"]
        assert "messaging.kafka.offset" not in span["attributes"]
        assert all("messaging.kafka.offset" in link["attributes"] for link in span["links"])
    sent = sink.wait_for(4, operation="send")
    assert {span["parent_span_id"] for span in sent[:3]} <= {span["span_id"] for span in processed}
    assert_books_balance(result.books)


def test_a_python_program_through_the_plugin_has_receive_spans_and_no_wrong_parents(plugin, sink, kafka):
    source, target = kafka.topic(), kafka.topic()
    fill(kafka, source, "one\ntwo\n", "-H", f"traceparent={PARENT}")
    result = plugin.run(
        sink, "/usr/bin/python3", "-c", PYTHON, kafka.address, source, target, 2, 0, plugin.host_options[1]
    )
    assert result.stdout == "done 2\n", result.stderr
    received = sink.wait_for(2, operation="poll")
    assert all(len(span["links"]) == 1 for span in received)
    assert all(span["parent_span_id"] == "" for span in sink.wait_for(3, operation="send"))
    assert_books_balance(plugin.books())
