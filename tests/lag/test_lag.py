"""Lag against a real broker. The truth is counted in the log itself, by a reader that has nothing to do with ours."""

import json
import subprocess
import time
import uuid

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition


class Survey:
    """Asks as the collecting process does."""

    def __init__(self, build, kafka, *options):
        self._process = subprocess.Popen(
            [build / "hosts/survey", kafka.address, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, *hosts):
        self._process.stdin.write(json.dumps({"hosts": hosts}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert answer["error"] == ""
        return {(point["group"], point["topic"], point["partition"]): point for point in answer["points"]}

    def close(self):
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


class Log:
    """Reads a whole partition from its beginning: what is there is the truth."""

    def __init__(self, kafka, topic, partition=0, isolation="read_committed"):
        self._at = TopicPartition(topic, partition, OFFSET_BEGINNING)
        self._kafka = kafka
        self._isolation = isolation

    def records(self):
        """Offset and timestamp of each."""
        consumer = self._reader(self._isolation)
        consumer.assign([self._at])
        records = []
        while True:
            message = consumer.poll(20)
            assert message is not None
            if message.error() is None:
                records.append((message.offset(), message.timestamp()[1]))
            elif message.error().code() == KafkaError._PARTITION_EOF:
                consumer.close()
                return records
            else:
                raise AssertionError(message.error())

    def wait_for_markers(self):
        """A transaction is over for its producer before the broker has written its marker."""
        ends = [self._reader(isolation) for isolation in ("read_committed", "read_uncommitted")]
        wait_until(lambda: len({one.get_watermark_offsets(self._at, timeout=20)[1] for one in ends}) == 1)
        for one in ends:
            one.close()

    def _reader(self, isolation):
        return Consumer(
            {
                "bootstrap.servers": self._kafka.address,
                "group.id": "truth",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": isolation,
                "fetch.wait.max.ms": 50,
            }
        )


@pytest.fixture
def survey(build, kafka):
    asking = Survey(build, kafka)
    yield asking
    asking.close()


@pytest.fixture
def all_groups(build, kafka):
    asking = Survey(build, kafka, "all")
    yield asking
    asking.close()


def send(kafka, topic, count, partition=0, **options):
    producer = Producer({"bootstrap.servers": kafka.address, "linger.ms": 1, **options})
    for number in range(count):
        producer.produce(topic, b"value %d" % number, partition=partition)
        if number % 10_000 == 0:
            producer.poll(0)
    assert producer.flush(30) == 0


def transactions(kafka, topic, outcomes, size=3, partition=0):
    producer = Producer({"bootstrap.servers": kafka.address, "transactional.id": uuid.uuid4().hex, "log_level": 2})
    producer.init_transactions(30)
    for committed in outcomes:
        producer.begin_transaction()
        for number in range(size):
            producer.produce(topic, b"value %d" % number, partition=partition)
        producer.flush(30)
        if committed:
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)
    Log(kafka, topic, partition).wait_for_markers()


def commit(kafka, group, topic, offset, partition=0):
    consumer = Consumer({"bootstrap.servers": kafka.address, "group.id": group, "enable.auto.commit": False})
    consumer.commit(offsets=[TopicPartition(topic, partition, offset)], asynchronous=False)
    consumer.close()


def delete_records(build, kafka, topic, before, partition=0):
    subprocess.run([build / "hosts/delete_records", kafka.address, topic, str(partition), str(before)], check=True)


def host(group, topic, position, partition=0, **more):
    return {"group": group, "topic": topic, "partition": partition, "position": position, **more}


def assert_is_true(point, records, position):
    times = [milliseconds for offset, milliseconds in records if offset >= position]
    assert (point["messages"], point["uncounted"], point["bound"]) == (len(times), 0, False)
    age = point["time_unix_ns"] / 1e9 - times[0] / 1e3 if times else 0
    assert point["seconds"] == pytest.approx(age, abs=0.001)


def wait_until(condition):
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.3)


def new_group():
    return f"group-{uuid.uuid4().hex[:8]}"


def test_an_idle_topic_that_is_read_to_the_end_has_no_lag(kafka, survey):
    topic, group = kafka.topic(1), new_group()
    send(kafka, topic, 25)
    point = survey.ask(host(group, topic, 25))[group, topic, 0]
    assert (point["messages"], point["seconds"]) == (0, 0)
    assert_is_true(point, Log(kafka, topic).records(), 25)


def test_a_paused_partition_is_as_far_behind_as_its_log_grows(kafka, survey):
    topic, group = kafka.topic(1), new_group()
    send(kafka, topic, 100)
    assert_is_true(survey.ask(host(group, topic, 40))[group, topic, 0], Log(kafka, topic).records(), 40)
    send(kafka, topic, 900)
    # It rests, so all of it is looked at.
    assert_is_true(survey.ask(host(group, topic, 40))[group, topic, 0], Log(kafka, topic).records(), 40)


def test_a_burst_is_counted_as_offsets_that_nobody_has_looked_at(kafka, survey):
    topic, group = kafka.topic(1), new_group()
    send(kafka, topic, 60_000)
    point = survey.ask(host(group, topic, 10))[group, topic, 0]
    assert point["messages"] == 59_990
    assert 0 < point["uncounted"] < 59_990


@pytest.mark.parametrize("outcomes", [[True], [False], [True, False], [False, True, True, False, False]])
def test_transaction_markers_and_aborted_records_are_no_messages(kafka, survey, outcomes):
    topic, group = kafka.topic(1), new_group()
    send(kafka, topic, 2)
    transactions(kafka, topic, outcomes)
    records = Log(kafka, topic).records()
    for position in range(2, len(outcomes) * 4 + 3):
        assert_is_true(survey.ask(host(group, topic, position))[group, topic, 0], records, position)


def test_a_group_that_reads_uncommitted_records_has_more_before_it(kafka, survey):
    topic, group = kafka.topic(1), new_group()
    transactions(kafka, topic, [True, False, False])
    point = survey.ask(host(group, topic, 2, read_committed=False))[group, topic, 0]
    assert_is_true(point, Log(kafka, topic, isolation="read_uncommitted").records(), 2)
    assert point["messages"] == 7


def test_an_open_transaction_holds_nobody_up(kafka, survey):
    topic, group = kafka.topic(1), new_group()
    send(kafka, topic, 5)
    producer = Producer({"bootstrap.servers": kafka.address, "transactional.id": group, "log_level": 2})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, b"open", partition=0)
    producer.flush(30)
    assert survey.ask(host(group, topic, 5))[group, topic, 0]["messages"] == 0
    producer.commit_transaction(30)
    Log(kafka, topic).wait_for_markers()
    point = survey.ask(host(group, topic, 5))[group, topic, 0]
    assert point["messages"] == 1
    assert_is_true(point, Log(kafka, topic).records(), 5)


def test_records_that_were_deleted_are_told_apart(build, kafka, survey):
    topic, group = kafka.topic(1), new_group()
    send(kafka, topic, 100)
    delete_records(build, kafka, topic, 70)
    point = survey.ask(host(group, topic, 20))[group, topic, 0]
    assert (point["messages"], point["gone"]) == (30, 50)
    assert_is_true(point, Log(kafka, topic).records(), 20)
    delete_records(build, kafka, topic, 100)
    point = survey.ask(host(group, topic, 20))[group, topic, 0]
    assert (point["messages"], point["gone"], point["seconds"]) == (0, 80, 0)


def test_two_groups_on_one_partition_are_behind_by_their_own(kafka, all_groups):
    topic, first, second = kafka.topic(1), new_group(), new_group()
    send(kafka, topic, 10)
    transactions(kafka, topic, [True, False])
    commit(kafka, first, topic, 3)
    commit(kafka, second, topic, 14)
    points = all_groups.ask()
    assert_is_true(points[first, topic, 0], Log(kafka, topic).records(), 3)
    assert_is_true(points[second, topic, 0], Log(kafka, topic).records(), 14)
    assert points[second, topic, 0]["messages"] == 0


def test_where_a_host_is_counts_more_than_what_it_committed(kafka, survey):
    topic, group = kafka.topic(2), new_group()
    send(kafka, topic, 10, partition=0)
    send(kafka, topic, 10, partition=1)
    commit(kafka, group, topic, 2, partition=0)
    commit(kafka, group, topic, 4, partition=1)
    points = survey.ask(host(group, topic, 7))
    assert points[group, topic, 0]["messages"] == 3
    assert points[group, topic, 1]["messages"] == 6, "nobody of ours has it, so the commit counts"
    points = survey.ask(host(group, topic, 7, revoked=True))
    assert points[group, topic, 0]["messages"] == 8


def test_after_a_rebalance_the_newest_owner_says_where_the_group_is(kafka, survey):
    topic, group = kafka.topic(1), new_group()
    send(kafka, topic, 10)
    before, now = host(group, topic, 3, assigned=1), host(group, topic, 8, assigned=2)
    assert survey.ask(before, now)[group, topic, 0]["messages"] == 2
    assert survey.ask(now, before)[group, topic, 0]["messages"] == 2


def test_retention_takes_records_that_the_group_never_got(kafka, survey):
    topic, group = kafka.topic(1, **{"retention.ms": "1000", "segment.ms": "100"}), new_group()
    send(kafka, topic, 50)
    log, sent = Log(kafka, topic), 50
    while min((offset for offset, _ in log.records()), default=50) < 50:
        send(kafka, topic, 1)  # so that the segment before it is closed
        sent += 1
    before = log.records()
    point = survey.ask(host(group, topic, 20))[group, topic, 0]
    after = log.records()
    assert point["gone"] >= 30
    assert point["messages"] + point["gone"] == sent - 20
    assert len(after) <= point["messages"] <= len(before), "retention goes on while we look"


def test_compacted_records_are_no_messages(kafka, survey):
    config = {"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0"}
    topic, group = kafka.topic(1, **config), new_group()
    producer = Producer({"bootstrap.servers": kafka.address})
    for _ in range(200):
        producer.produce(topic, b"value", key=b"the same key", partition=0)
    log = Log(kafka, topic)

    def is_compacted():
        producer.produce(topic, b"value", key=b"the same key", partition=0)
        producer.flush(30)
        return len(log.records()) < 100

    wait_until(is_compacted)
    # The last segment is never compacted, so what is there now stays.
    wait_until(lambda: log.records() == (time.sleep(1), log.records())[1])
    point = survey.ask(host(group, topic, 0))[group, topic, 0]
    assert_is_true(point, log.records(), 0)
    assert point["messages"] < 100
