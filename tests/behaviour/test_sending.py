"""What a producer's spans say, through each door and on each broker."""

import time

import pytest
from doors import assert_books_balance, run_bare


def kcat_produce(door, sink, kafka, topic, text, *options, **variables):
    result = door.run(
        sink, "kcat", *door.host_options, "-b", kafka.address, "-P", "-t", topic, *options, input=text, **variables
    )
    assert result.returncode == 0, result.stderr
    return result


def read_headers(kafka, topic):
    read = run_bare("kcat", "-q", "-b", kafka.address, "-C", "-t", topic, "-e", "-f", "%h\n")
    return sorted(read.stdout.splitlines())


def books_of(door, result):
    return result.books if result.books is not None else door.books()


def test_a_message_becomes_a_producer_span_with_its_real_place(door, sink, kafka):
    topic = kafka.topic()
    result = kcat_produce(door, sink, kafka, topic, "hello", "-k", "key-1", "-X", "client.id=me", OTEL_SERVICE_NAME="shop")
    (span,) = sink.wait_for(1)
    attributes = span["attributes"]
    assert span["name"] == f"send {topic}"
    assert span["kind"] == "PRODUCER"
    assert span["parent_span_id"] == ""
    assert span["status"] == "UNSET"
    assert span["resource"]["service.name"] == "shop"
    assert span["resource"]["process.executable.name"] == "kcat"
    assert span["resource"]["telemetry.sdk.language"] == "cpp"
    assert span["scope"]["name"] == "waybill.kafka"
    assert span["schema_url"] == "https://opentelemetry.io/schemas/1.44.0"
    assert attributes["messaging.system"] == "kafka"
    assert attributes["messaging.operation.name"] == "send"
    assert attributes["messaging.operation.type"] == "send"
    assert attributes["messaging.destination.name"] == topic
    assert attributes["messaging.kafka.message.key"] == "key-1"
    assert attributes["messaging.client.id"] == "me"
    assert attributes["server.address"] == "127.0.0.1"
    assert attributes["server.port"] == int(kafka.address.rsplit(":", 1)[1])
    assert attributes["network.peer.address"] == "127.0.0.1"
    assert attributes["waybill.kafka.persistence"] == "persisted"
    assert attributes["waybill.kafka.queue_time_ms"] + attributes["waybill.kafka.broker_time_ms"] == pytest.approx(
        (span["end_ns"] - span["start_ns"]) / 1e6, abs=0.001
    )
    # The place is where a reader without Waybill finds the message.
    read = run_bare("kcat", "-q", "-b", kafka.address, "-C", "-t", topic, "-e", "-f", "%p %o\n")
    assert read.stdout == f"{attributes['messaging.destination.partition.id']} {attributes['messaging.kafka.offset']}\n"
    assert isinstance(attributes["messaging.destination.partition.id"], str)
    assert attributes["messaging.kafka.offset"] == 0
    assert_books_balance(books_of(door, result))


def test_the_context_travels_in_the_headers(door, sink, kafka):
    topic = kafka.topic()
    kcat_produce(door, sink, kafka, topic, "one\ntwo", "-H", "kind=order")
    spans = sink.wait_for(2)
    assert len({span["trace_id"] for span in spans}) == 2
    expected = sorted(f"kind=order,traceparent=00-{span['trace_id']}-{span['span_id']}-03" for span in spans)
    assert read_headers(kafka, topic) == expected


def test_a_tombstone_is_told_and_a_null_key_is_not(door, sink, kafka):
    topic = kafka.topic()
    kcat_produce(door, sink, kafka, topic, "\n", "-Z", "-K", ":", "-p", "0")
    kcat_produce(door, sink, kafka, topic, "k:\n", "-Z", "-K", ":", "-p", "0")
    spans = sink.wait_for(1)
    tombstones = [span for span in sink.spans() if "messaging.kafka.message.tombstone" in span["attributes"]]
    assert len(tombstones) >= 1
    assert all(span["attributes"]["messaging.kafka.message.tombstone"] is True for span in tombstones)
    assert all(span["attributes"].get("messaging.kafka.message.key") != "" for span in spans)


def test_a_binary_key_is_left_out(door, sink, kafka, root):
    topic = kafka.topic()
    script = (
        "import sys; from confluent_kafka import Producer\n"
        "conf = dict(pair.split('=', 1) for pair in sys.argv[3:]); conf['bootstrap.servers'] = sys.argv[1]\n"
        "p = Producer(conf); p.produce(sys.argv[2], b'v', key=b'\\xff\\x00\\xfe'); p.produce(sys.argv[2], b'v', key='gr\u00fcn'); p.flush(10)\n"
    )
    options = [option for option in door.host_options if option != "-X"]
    result = door.run(sink, "/usr/bin/python3", "-c", script, kafka.address, topic, *options)
    assert result.returncode == 0, result.stderr
    spans = sink.wait_for(2, operation="send")
    assert [span["attributes"].get("messaging.kafka.message.key") for span in spans] == [None, "grün"]


def test_a_users_own_context_stays_and_is_linked(door, sink, kafka):
    topic = kafka.topic()
    own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    kcat_produce(door, sink, kafka, topic, "hello", "-H", f"traceparent={own}")
    (span,) = sink.wait_for(1)
    assert span["kind"] == "CLIENT"
    assert [(link["trace_id"], link["span_id"]) for link in span["links"]] == [
        ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    ]
    assert read_headers(kafka, topic) == [f"traceparent={own}"]


def test_a_users_own_context_is_replaced_on_request(door, sink, kafka):
    topic = kafka.topic()
    own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    kcat_produce(
        door, sink, kafka, topic, "hello", "-H", f"traceparent={own}", "-H", "tracestate=a=1", WAYBILL_EXISTING_CONTEXT="replace"
    )
    (span,) = sink.wait_for(1)
    assert span["kind"] == "PRODUCER"
    assert read_headers(kafka, topic) == [f"traceparent=00-{span['trace_id']}-{span['span_id']}-03"]


@pytest.mark.parametrize("broken", ["", "00", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "x" * 600])
def test_a_malformed_context_is_as_if_it_were_absent(door, sink, kafka, broken):
    topic = kafka.topic()
    kcat_produce(door, sink, kafka, topic, "hello", "-H", f"traceparent={broken}")
    (span,) = sink.wait_for(1)
    assert span["kind"] == "PRODUCER" and not span["links"]
    assert read_headers(kafka, topic) == [f"traceparent=00-{span['trace_id']}-{span['span_id']}-03"]


def test_without_the_propagator_nothing_is_injected_and_the_send_is_a_client(door, sink, kafka):
    topic = kafka.topic()
    kcat_produce(door, sink, kafka, topic, "hello", OTEL_PROPAGATORS="none")
    (span,) = sink.wait_for(1)
    assert span["kind"] == "CLIENT"
    assert read_headers(kafka, topic) == [""]


def test_acks_0_has_no_offset(door, sink, kafka):
    """librdkafka invents one."""
    topic = kafka.topic()
    kcat_produce(door, sink, kafka, topic, "\n".join(f"message {number}" for number in range(1500)), "-X", "acks=0", "-p", "0")
    spans = sink.wait_for(1500)
    assert all("messaging.kafka.offset" not in span["attributes"] for span in spans)
    assert all(span["attributes"]["messaging.destination.partition.id"] == "0" for span in spans)


def test_the_sampler_never_keeps_and_still_passes_the_decision_on(door, sink, kafka):
    topic = kafka.topic()
    result = kcat_produce(door, sink, kafka, topic, "hello", OTEL_TRACES_SAMPLER="always_off")
    (header,) = read_headers(kafka, topic)
    assert header.startswith("traceparent=00-") and header.endswith("-02")  # random, not sampled
    assert books_of(door, result)["exporters"]["submitted"] == 0
    assert sink.spans() == []


def test_a_ratio_keeps_about_so_many(door, sink, kafka):
    topic = kafka.topic()
    messages = 4000
    result = kcat_produce(
        door, sink, kafka, topic, "\n".join(map(str, range(messages))), OTEL_TRACES_SAMPLER="traceidratio", OTEL_TRACES_SAMPLER_ARG="0.25"
    )
    kept = books_of(door, result)["exporters"]["submitted"]
    # Binomial: mean 1000, standard deviation 27.4; six of them are passed once in 500 million runs.
    assert 1000 - 6 * 27.4 < kept < 1000 + 6 * 27.4
    assert len(sink.wait_for(kept)) == kept
    read = read_headers(kafka, topic)
    assert sum(1 for header in read if header.endswith("-03")) == kept


def test_a_rate_keeps_so_many_a_second_whatever_is_sent(door, sink, kafka):
    topic = kafka.topic()
    begin = time.monotonic()
    result = kcat_produce(
        door, sink, kafka, topic, "\n".join(map(str, range(4000))), OTEL_TRACES_SAMPLER="parentbased_ratelimited", OTEL_TRACES_SAMPLER_ARG="50"
    )
    seconds = time.monotonic() - begin
    kept = books_of(door, result)["exporters"]["submitted"]
    assert 50 <= kept <= 51 + 50 * seconds
    assert len(sink.wait_for(kept)) == kept
    assert sum(1 for header in read_headers(kafka, topic) if header.endswith("-03")) == kept


def test_inject_sampled_leaves_other_messages_alone(door, sink, kafka):
    topic = kafka.topic()
    kcat_produce(door, sink, kafka, topic, "hello", OTEL_TRACES_SAMPLER="always_off", WAYBILL_INJECT="sampled")
    assert read_headers(kafka, topic) == [""]


@pytest.mark.parametrize("variable", ["WAYBILL_ENABLED=false", "OTEL_SDK_DISABLED=true"])
def test_switched_off_nothing_is_touched(door, sink, kafka, variable):
    topic = kafka.topic()
    name, value = variable.split("=")
    kcat_produce(door, sink, kafka, topic, "hello", **{name: value})
    assert read_headers(kafka, topic) == [""]
    assert sink.spans() == []
