"""Faults that one broker is enough for. Each has a topic of one partition and a group of its own."""

import re
import subprocess
import time
import uuid

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition
from findings import Loss, Message


@pytest.fixture
def topic(kafka):
    return kafka.topic(1)


@pytest.fixture
def group():
    return f"group-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def send(programs, topic):
    """Sends so many messages, and all of their telemetry."""

    def run(count, **variables):
        programs.sender(topic, **variables).tell(f"send {count}", "flush 30").end()

    return run


# ── The message does not come so far ──


def test_the_queue_is_full(programs, findings, topic):
    programs.run("api-failures", "queue_full", topic, topic)
    findings.check("queue full", Message(topic, key="key"))


def test_a_broker_does_not_answer(programs, findings, kafka, topic):
    sender = programs.sender(topic, "message.timeout.ms=1500", "max.in.flight.requests.per.connection=1")
    sender.tell("send 1", "flush 30")
    with kafka.paused():
        sender.tell("send 1")
        time.sleep(0.5)  # its request leaves
        sender.tell("send 1", "flush 30")
        sender.end()
    findings.check("message timeout under way", Message(topic, key="k1"), others=[Loss("k2", None, "never_sent", "message_timed_out")])
    findings.check("message timeout in the client", Message(topic, key="k2"))


def test_no_broker_is_there(programs, findings):
    topic = f"nowhere-{uuid.uuid4().hex[:8]}"
    programs.sender(topic, "message.timeout.ms=500", address="127.0.0.1:1").tell("send 1", "flush 30").end()
    findings.check("broker away", Message(topic, key="k0"))


def test_the_queue_is_purged(programs, findings, topic):
    programs.sender(topic, "linger.ms=60000").tell("send 1", "purge", "flush 30").end()
    findings.check("purge", Message(topic, key="k0"))


# ── Transactions ──


def test_a_producer_is_fenced(programs, findings, kafka, topic):
    programs.run("api-operations", "fenced", kafka.topic(1), topic)
    findings.check("fenced transaction", Message(topic, 0))


def test_a_transaction_is_aborted(programs, findings, topic):
    programs.fault("aborts", topic, topic).expect("done")
    findings.check("aborted transaction", Message(topic, 0))


def test_a_transaction_is_aborted_of_which_there_is_no_span(programs, findings, topic):
    programs.sender(topic, f"transactional.id={topic}").tell("begin", "send 1", "flush 30", "abort").end()
    findings.check("aborted transaction of a program without spans of it", Message(topic, 0))


# ── The group goes past it ──


def delete_records(build, kafka, topic, before):
    subprocess.run([build / "hosts/delete_records", kafka.address, topic, "0", str(before)], check=True)


def test_records_are_deleted_before_they_are_read(build, programs, findings, kafka, topic, group, send):
    send(20)
    programs.reader(topic, group).tell("read 5", "commit").end()
    delete_records(build, kafka, topic, 12)
    programs.reader(topic, group).tell("read 8", "commit").end()
    findings.check("DeleteRecords past an unread offset", Message(topic, 7), group, lost=range(5, 12))


def test_retention_is_faster_than_the_group(programs, findings, kafka, topic, group, send):
    send(20)
    programs.reader(topic, group).tell("read 5", "commit").end()
    kafka.configure(topic, **{"retention.ms": "500", "segment.ms": "100"})
    roll_until_it_begins_at(kafka, topic, 20)
    kafka.configure(topic)
    fill(kafka, topic)
    programs.reader(topic, group).tell("read 1", "commit").end()
    findings.check("retention past an unread offset", Message(topic, 7), group, lost=range(5, 20))


def test_a_topic_is_compacted_before_it_is_read(programs, findings, kafka, group):
    topic = kafka.topic(1, **{"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.01"})
    programs.sender(topic).tell("send 5", "flush 30").end()
    programs.reader(topic, group).tell("read 2", "commit").end()
    programs.sender(topic).tell("send 5", "flush 30").end()  # the same keys
    roll_until_it_begins_at(kafka, topic, 5)
    programs.reader(topic, group).tell("read 5", "commit").end()
    findings.check("compacted away before it was read", Message(topic, 3), group, lost=range(2, 5))


def roll_until_it_begins_at(kafka, topic, offset):
    """Whoever reads from the beginning gets nothing before this offset."""
    asking = Consumer({"bootstrap.servers": kafka.address, "group.id": "start", "enable.partition.eof": True})
    give_up = time.monotonic() + 60
    while first_offset(asking, topic) < offset:
        assert time.monotonic() < give_up
        fill(kafka, topic)
        time.sleep(0.3)
    asking.close()


def first_offset(asking, topic):
    asking.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    message = asking.poll(20)
    assert message.error() is None or message.error().code() == KafkaError._PARTITION_EOF
    return message.offset()


def fill(kafka, topic):
    """Sends a message that nobody traces."""
    producer = Producer({"bootstrap.servers": kafka.address})
    producer.produce(topic, b"filler", key=b"filler", partition=0)
    assert producer.flush(30) == 0


def test_a_new_group_begins_at_the_end(programs, findings, topic, group, send):
    send(5)
    reader = programs.reader(topic, group, "auto.offset.reset=latest").tell("join")
    send(2)
    reader.tell("read 2", "commit").end()
    findings.check("auto.offset.reset=latest", Message(topic, 3), group, lost=range(5))


def test_a_reader_seeks_forward(programs, findings, topic, group, send):
    send(10)
    programs.reader(topic, group).tell("read 3", "seek 7", "read 3", "commit").end()
    findings.check("seek forward", Message(topic, 5), group, lost=range(3, 7))


# ── It was handed over ──


def test_a_reader_is_killed_after_its_commit(programs, findings, topic, group, send):
    send(5)
    programs.reader(topic, group).tell("read 2", "commit").kill()
    programs.reader(topic, group).tell("read 3", "commit").end()
    findings.check("killed after the commit, before processing", Message(topic, 1), group)


def test_a_handler_is_killed_after_its_commit(programs, findings, topic, group, send):
    send(4)
    handler = programs.fault("commits_first", topic, group)
    handler.expect("committed")
    handler.kill()
    findings.check("killed after the commit, before processing; C++ API", Message(topic, 1), group)


def test_a_handlers_error_is_swallowed(programs, findings, topic, group, send):
    send(4)
    programs.fault("swallows", topic, group).expect("done")
    findings.check("handler's error swallowed", Message(topic, 1), group)


def test_messages_are_delivered_again(programs, findings, topic, group, send):
    send(3)
    programs.reader(topic, group).tell("read 3").end()
    programs.reader(topic, group).tell("read 3", "commit").end()
    findings.check("redelivery", Message(topic, 1), group)


# ── It waits ──


def check_lag(servers, topic, group, since, is_right, until=None):
    asked = {"topic": topic, "group": group, "from": since * 1000, **({"to": until * 1000} if until else {})}
    for server in (servers.asking, servers.alone):
        server.wait_for("/lag", lambda lag: lag["groups"] and is_right(lag["groups"][0]), **asked)


def test_a_reader_is_slower_than_what_arrives(programs, findings, servers, topic, group):
    since = time.time()
    sender = programs.sender(topic)
    reader = programs.reader(topic, group)
    reader.begin("slowly 15")
    for _ in range(10):
        sender.tell("send 5", "flush 30")
        time.sleep(0.3)
    falls = f"{group} in {topic} falls behind by "
    check_lag(
        servers, topic, group, since,
        lambda report: report["state"] == "falling_behind" and report["text"].startswith(falls) and report["lag"] > 10,
    )
    reader.expect("done")
    reader.tell("commit")
    findings.check("slow consumer", Message(topic, 49), group)
    reader.end()
    sender.end()


def test_a_reader_has_stopped(programs, findings, servers, topic, group, send):
    since = time.time()
    reader = programs.reader(topic, group).tell("join")
    send(10)
    reader.tell("read 2", "commit")
    findings.check("stopped consumer", Message(topic, 8), group)
    check_lag(servers, topic, group, since, lambda report: report["lag"] == 8 and not report["is_lower_bound"])
    # As it will be in two minutes if nothing happens.
    stopped = re.compile(re.escape(f"{group} in {topic} has got nothing for ") + ".*: 8 messages wait")
    check_lag(servers, topic, group, since, lambda report: report["state"] == "stopped" and stopped.match(report["text"]), time.time() + 120)
    reader.end()


def test_a_member_holds_up_a_rebalance(programs, servers, topic, group, send):
    since = time.time()
    holding = programs.reader(topic, group).tell("join")
    send(10)
    holding.tell("read 2", "commit")
    check_lag(servers, topic, group, since, lambda report: report["lag"] == 8 and report["state"] != "rebalancing")
    joining = programs.reader(topic, group)
    joining.begin("read 1")  # it gets no partition before the other one polls again
    asked = {"topic": topic, "group": group, "from": since * 1000}
    said = servers.asking.wait_for("/lag", lambda lag: lag["groups"][0]["state"] == "rebalancing", **asked)["groups"][0]
    assert said["text"].startswith(f"The partitions of {group} in {topic} change hands: 8 messages wait")
    assert servers.alone.ask("/lag", **asked)["groups"][0]["state"] != "rebalancing"
    holding.end()
    joining.expect("done")
    servers.asking.wait_for("/lag", lambda lag: lag["groups"][0]["state"] != "rebalancing", **asked)
    joining.end()


# ── Not all is told ──


def test_a_producer_is_not_traced(programs, findings, kafka, topic, group):
    fill(kafka, topic)
    programs.reader(topic, group).tell("read 1", "commit").end()
    findings.check("producer without telemetry", Message(topic, 0), group)


def test_a_member_is_not_traced(programs, findings, topic, group, send):
    send(10)
    programs.reader(topic, group).tell("read 5", "commit").end()
    programs.bare_reader(topic, group).tell("read 5", "commit").end()
    findings.check("member without telemetry", Message(topic, 7), group)


def test_a_member_is_not_traced_and_the_next_one_is(programs, findings, topic, group, send):
    send(10)
    stranger = programs.bare_reader(topic, group)
    stranger.tell("read 5", "commit")
    time.sleep(7)  # the server looks every three seconds who is in a group
    stranger.end()
    programs.reader(topic, group).tell("read 5", "commit").end()
    findings.check("member without telemetry, and one with it afterwards", Message(topic, 2), group)


def test_most_messages_are_not_sampled(programs, findings, servers, topic, group):
    sampling = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1"}
    programs.sender(topic, **sampling).tell("send 40", "flush 30").end()
    programs.reader(topic, group, **sampling).tell("read 40", "commit").end()
    sampled = {listed["message"]["offset"] for listed in servers.alone.ask("/messages", topic=topic)["messages"]}
    assert len(sampled) < 40
    findings.check("sampling 10 %", Message(topic, min(set(range(40)) - sampled)), group)
    findings.never_a_loss(topic, range(40))


# ── Nothing is wrong ──


def test_what_is_healthy_is_found_so(programs, findings, topic, group, send):
    send(8)
    groups = (group, group + "-2")
    for each in groups:
        programs.reader(topic, each).tell("read 8", "commit").end()
    findings.check_healthy(topic, range(8), groups)


def test_a_committed_transaction_is_found_healthy(programs, findings, topic, group):
    sender = programs.sender(topic, f"transactional.id={topic}")
    sender.tell("begin", "send 2", "flush 30", "commit", "begin", "send 2", "flush 30", "commit").end()
    programs.reader(topic, group).tell("read 4", "commit").end()
    findings.check_healthy(topic, (0, 1, 3, 4), (group,))
