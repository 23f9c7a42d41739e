"""Which operations become spans: samplers, rules and filters, through each door."""

import math

import pytest
from doors import check_books, run_bare


def kcat_produce(door, sink, kafka, topic, messages, *options, **variables):
    result = door.run(
        sink, "kcat", *door.host_options, "-b", kafka.address, "-P", "-t", topic, *options,
        input="\n".join(f"message {number}" for number in range(messages)), **variables,
    )
    assert result.returncode == 0, result.stderr
    return result


def read_headers(kafka, topic):
    return sorted(run_bare("kcat", "-q", "-b", kafka.address, "-C", "-t", topic, "-e", "-f", "%h\n").stdout.splitlines())


def allowed_error(tries):
    """Hoeffding: a right sampler is further from its mean than this once in a thousand million runs."""
    return math.sqrt(tries * math.log(2 / 1e-9) / 2)


def sent(sink, topic):
    return [span for span in sink.spans() if span["attributes"].get("messaging.destination.name") == topic]


@pytest.mark.parametrize("ratio", ["0.1", "0.5"])
def test_a_rule_keeps_the_share_that_it_says(door, sink, kafka, ratio):
    topic = kafka.topic()
    messages = 4000
    result = kcat_produce(
        door, sink, kafka, topic, messages, OTEL_TRACES_SAMPLER="parentbased_rules",
        WAYBILL_SAMPLER_RULES=f"topic=other:always_on; topic={topic},operation=send:traceidratio={ratio}; *:always_off",
    )
    kept = check_books(door, result)["exporters"]["submitted"]
    assert abs(kept - messages * float(ratio)) < allowed_error(messages)
    assert len(sink.wait_for(kept)) == kept
    assert sum(1 for header in read_headers(kafka, topic) if header.endswith("-03")) == kept


def test_the_first_rule_that_fits_decides_for_each_topic(door, sink, kafka):
    loud, quiet, other = kafka.topic(), kafka.topic(), kafka.topic()
    rules = f"topic={loud}:always_on;operation=process:always_on;topic={quiet}:always_off"
    for topic in (loud, quiet, other):
        kcat_produce(door, sink, kafka, topic, 5, OTEL_TRACES_SAMPLER="rules", WAYBILL_SAMPLER_RULES=rules)
    sink.wait_for(10)
    assert (len(sent(sink, loud)), len(sent(sink, quiet)), len(sent(sink, other))) == (5, 0, 5)
    assert all(header.endswith("-02") for header in read_headers(kafka, quiet))


def test_a_rule_for_a_group_concerns_its_consumers_alone(door, sink, kafka):
    topic = kafka.topic()
    rules = "group=audit-*:always_off"
    variables = {"OTEL_TRACES_SAMPLER": "rules", "WAYBILL_SAMPLER_RULES": rules}
    kcat_produce(door, sink, kafka, topic, 3, **variables)
    for group in ("audit-1", "billing"):
        read = door.run(
            sink, "kcat", *door.host_options, "-q", "-b", kafka.address, "-G", group, "-X", "auto.offset.reset=earliest",
            "-e", "-f", "%s\n", topic, **variables,
        )
        assert sorted(read.stdout.splitlines()) == ["message 0", "message 1", "message 2"], read.stderr
    spans = sink.wait_for(6)
    assert len(spans) == 6
    groups = [span["attributes"].get("messaging.consumer.group.name") for span in spans]
    assert sorted(groups, key=str) == [None] * 3 + ["billing"] * 3


def test_a_rate_for_each_topic_is_each_topics_own(door, sink, kafka):
    """A thousandth a second: whatever time this takes, one of each topic."""
    topics = [kafka.topic() for _ in range(3)]
    script = (
        "import sys; from confluent_kafka import Producer\n"
        "conf = dict(pair.split('=', 1) for pair in sys.argv[2].split() if pair); conf['bootstrap.servers'] = sys.argv[1]\n"
        "p = Producer(conf)\n"
        "for turn in range(50):\n"
        "    for topic in sys.argv[3:]: p.produce(topic, b'v')\n"
        "p.flush(30)\n"
    )
    options = " ".join(option for option in door.host_options if option != "-X")
    result = door.run(
        sink, "/usr/bin/python3", "-c", script, kafka.address, options, *topics,
        OTEL_TRACES_SAMPLER="ratelimited_per_topic", OTEL_TRACES_SAMPLER_ARG="0.001",
    )
    assert result.returncode == 0, result.stderr
    assert len(sink.wait_for(3)) == 3
    assert [len(sent(sink, topic)) for topic in topics] == [1, 1, 1]
    assert check_books(door, result)["exporters"]["submitted"] == 3


@pytest.mark.parametrize("parent, sampled", [("01", True), ("00", False)])
def test_each_kind_of_parent_has_its_own_sampler(preload, sink, kafka, parent, sampled):
    """A sampled parent that came with a message is not followed here, one that was not sampled is made up for."""
    topic = kafka.topic()
    traceparent = f"traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{parent}"
    run_bare("kcat", "-b", kafka.address, "-P", "-t", topic, "-H", traceparent, input="hello")
    result = preload.run(
        sink, "kcat", "-q", "-b", kafka.address, "-C", "-t", topic, "-e",
        WAYBILL_SAMPLER_PARENTS="remote_parent_sampled=always_off;remote_parent_not_sampled=always_on",
    )
    assert result.returncode == 0, result.stderr
    assert check_books(preload, result)["exporters"]["submitted"] == (0 if sampled else 1)


@pytest.mark.parametrize("setting", ["WAYBILL_TOPICS_EXCLUDE={excluded}", "WAYBILL_TOPICS_INCLUDE={observed},x{excluded}"])
def test_a_topic_that_is_left_alone_is_neither_traced_nor_touched(door, sink, kafka, setting):
    excluded, observed = kafka.topic(), kafka.topic()
    name, value = setting.format(excluded=excluded, observed=observed).split("=", 1)
    own = "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    kcat_produce(door, sink, kafka, excluded, 3, "-H", own, **{name: value})
    kcat_produce(door, sink, kafka, observed, 2, **{name: value})
    read = door.run(sink, "kcat", *door.host_options, "-q", "-b", kafka.address, "-C", "-t", excluded, "-e", **{name: value})
    assert len(read.stdout.splitlines()) == 3, read.stderr
    check_books(door, read)
    assert len(sink.wait_for(2)) == 2
    assert sent(sink, excluded) == []
    assert read_headers(kafka, excluded) == [own] * 3  # as the application sent it


def test_what_is_sent_while_an_excluded_message_is_processed_starts_a_trace(preload, sink, kafka):
    """The message before it is done with, though its successor is not observed."""
    first, excluded, out = kafka.topic(), kafka.topic(), kafka.topic()
    script = (
        "import sys; from confluent_kafka import Consumer, Producer\n"
        "broker, first, second, out = sys.argv[1:]\n"
        "for topic in (first, second): \n"
        "    p = Producer({'bootstrap.servers': broker}); p.produce(topic, b'x'); p.flush(30)\n"
        "c = Consumer({'bootstrap.servers': broker, 'group.id': 'g', 'auto.offset.reset': 'earliest'})\n"
        "p = Producer({'bootstrap.servers': broker})\n"
        "for topic in (first, second):\n"
        "    c.subscribe([topic])\n"
        "    message = None\n"
        "    while message is None: message = c.poll(1)\n"
        "    p.produce(out, b'y')\n"
        "p.flush(30); c.close()\n"
    )
    result = preload.run(
        sink, "/usr/bin/python3", "-c", script, kafka.address, first, excluded, out, WAYBILL_TOPICS_EXCLUDE=excluded
    )
    assert result.returncode == 0, result.stderr
    sink.wait_for(4)
    (processed,) = [span for span in sink.spans() if span["name"] == f"process {first}"]
    parents = [span["parent_span_id"] for span in sent(sink, out)]
    assert sorted(parents) == sorted(["", processed["span_id"]])


def test_what_fails_is_kept_though_it_was_not_sampled(door, sink, kafka):
    """A partition that is not there: librdkafka refuses the message when it knows the topic."""
    topic = kafka.topic()
    script = (
        "import sys; from confluent_kafka import Producer\n"
        "conf = dict(pair.split('=', 1) for pair in sys.argv[3].split() if pair); conf['bootstrap.servers'] = sys.argv[1]\n"
        "p = Producer(conf)\n"
        "for partition in (0, 0, 0, 99):\n"
        "    p.produce(sys.argv[2], b'v', partition=partition)\n"
        "p.flush(30)\n"
    )
    options = " ".join(option for option in door.host_options if option != "-X")
    result = door.run(
        sink, "/usr/bin/python3", "-c", script, kafka.address, topic, options, OTEL_TRACES_SAMPLER="always_off", WAYBILL_KEEP="errors"
    )
    assert result.returncode == 0, result.stderr
    (span,) = sink.wait_for(1)
    assert (span["status"], span["attributes"]["waybill.kept"]) == ("ERROR", "error")
    assert span["attributes"]["error.type"] == "_UNKNOWN_PARTITION"
    assert all(header.endswith("-02") for header in read_headers(kafka, topic))
    (host,) = check_books(door, result)["hosts"]
    assert (host["started"], host["handed_on"], host["not_kept"]) == (4, 1, 3)


@pytest.mark.parametrize("slow, kept", [("1us", 5), ("86400s", 0)])
def test_what_is_slow_is_kept_though_it_was_not_sampled(door, sink, kafka, slow, kept):
    topic = kafka.topic()
    result = kcat_produce(door, sink, kafka, topic, 5, OTEL_TRACES_SAMPLER="always_off", WAYBILL_KEEP=f"errors,slow:{slow}")
    spans = sink.wait_for(kept)
    assert [span["attributes"]["waybill.kept"] for span in spans] == ["slow"] * kept
    (host,) = check_books(door, result)["hosts"]
    assert (host["started"], host["handed_on"], host["not_kept"]) == (5, kept, 5 - kept)
