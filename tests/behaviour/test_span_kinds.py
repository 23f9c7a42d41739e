"""WAYBILL_SPANS, and what spans hold on request: sizes, hashed keys, the names of older conventions."""

import hashlib

import pytest
from doors import assert_books_balance, run_bare

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"traceparent=00-{TRACE}-{SPAN}-01"


def fill(kafka, topic, *options, text="hello\n"):
    assert run_bare("kcat", "-b", kafka.address, "-P", "-t", topic, *options, input=text).returncode == 0


def headers_of(kafka, topic):
    read = run_bare("kcat", "-q", "-b", kafka.address, "-C", "-t", topic, "-e", "-f", "%s %h\n").stdout.splitlines()
    return {line.split(" ", 1)[0]: line.split(" ", 1)[1] for line in read}


def relay(relaying, sink, kafka, spans):
    """One message with a context is processed by the relay, which sends one while it does and one after it."""
    source, target = kafka.topic(), kafka.topic()
    fill(kafka, source, "-H", PARENT)
    result = relaying.run(sink, kafka, source, target, 1, WAYBILL_SPANS=spans)
    assert result.returncode == 0, result.stderr
    assert_books_balance(result.books)
    headers = headers_of(kafka, target)
    inside = next(value for text, value in headers.items() if not text.startswith("between"))
    between = next(value for text, value in headers.items() if text.startswith("between"))
    return result, inside, between


def test_sends_without_spans_carry_the_context_of_what_is_processed(relaying, sink, kafka):
    result, inside, between = relay(relaying, sink, kafka, "process")
    (process,) = sink.wait_for(1)
    assert result.books["exporters"]["submitted"] == 1
    assert process["parent_span_id"] == SPAN
    assert f"traceparent=00-{TRACE}-{process['span_id']}-" in inside
    assert "traceparent" not in between


def test_processing_without_a_span_hands_its_senders_context_on(relaying, sink, kafka):
    _, inside, between = relay(relaying, sink, kafka, "send")
    spans = sink.wait_for(2)
    assert {span["attributes"]["messaging.operation.type"] for span in spans} == {"send"}
    (child,) = [span for span in spans if span["trace_id"] == TRACE]
    assert child["parent_span_id"] == SPAN
    assert f"traceparent=00-{TRACE}-{child['span_id']}-" in inside
    assert f"traceparent=00-{TRACE}" not in between and "traceparent" in between


def test_without_any_kind_a_context_still_travels_on(relaying, sink, kafka):
    result, inside, between = relay(relaying, sink, kafka, "none")
    assert result.books["exporters"]["submitted"] == 0
    assert f"traceparent=00-{TRACE}-{SPAN}-01" in inside
    assert "traceparent" not in between


@pytest.mark.parametrize("spans, kinds", [("send,process", []), ("receive", ["receive"])])
def test_receiving_has_a_span_only_if_it_shall(plugin, sink, kafka, spans, kinds):
    topic = kafka.topic()
    fill(kafka, topic, "-H", PARENT)
    result = plugin.run(
        sink, "kcat", "-q", *plugin.host_options, "-b", kafka.address, "-C", "-t", topic, "-o", "beginning", "-e", WAYBILL_SPANS=spans,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    plugin.stop()
    assert [span["attributes"]["messaging.operation.type"] for span in sink.spans()] == kinds


def produce(door, sink, kafka, **variables):
    result = door.run(
        sink, "kcat", *door.host_options, "-b", kafka.address, "-P", "-t", kafka.topic(), "-k", "customer-1", input="hello", **variables,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return sink.wait_for(1)[0]["attributes"]


def test_a_hashed_key_is_the_begin_of_its_sha256(door, sink, kafka):
    attributes = produce(door, sink, kafka, WAYBILL_CAPTURE_KEY="hash")
    assert attributes["messaging.kafka.message.key"] == "sha256:" + hashlib.sha256(b"customer-1").hexdigest()[:32]


def test_sizes_are_recorded_on_request_only(door, sink, kafka):
    assert produce(door, sink, kafka, WAYBILL_CAPTURE_SIZES="true")["messaging.message.body.size"] == 5


def test_names_of_older_conventions_stand_beside_the_new_ones(door, sink, kafka):
    attributes = produce(door, sink, kafka, OTEL_SEMCONV_STABILITY_OPT_IN="messaging/dup")
    assert attributes["messaging.operation"] == "publish" and attributes["messaging.operation.type"] == "send"
    assert attributes["messaging.kafka.destination.partition"] == int(attributes["messaging.destination.partition.id"])
    assert attributes["messaging.kafka.message.offset"] == attributes["messaging.kafka.offset"] == 0


def test_by_default_there_are_neither_sizes_nor_old_names(door, sink, kafka):
    attributes = produce(door, sink, kafka)
    assert "messaging.message.body.size" not in attributes and "messaging.operation" not in attributes
    assert attributes["messaging.kafka.message.key"] == "customer-1"
