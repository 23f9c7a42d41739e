#!/usr/bin/python3
"""Lag as Waybill tells it, beside what exporters of lag make of committed offsets, beside the truth.

    bench/lag.py --build build

A producer and a consumer run through some kinds of traffic on a real broker. Every two seconds two methods are asked:

- *interpolation*, as exporters do it that know commits only: messages are log end minus committed offset; for the
  seconds they remember when the log ended where, and draw a straight line between two such points;
- *Waybill*: the consumer's position, and the brokers asked and the rest counted as the collecting process does.

The truth is counted afterwards in the log itself: all messages from the position on that were there at that moment, and
the age of the first.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from brokers import RealBroker  # noqa: E402

GROUP = "payments"
SAMPLE_EVERY = 2.0
PHASE = 20.0


class SlowConsumer:
    """Takes so many messages a second, on a thread of its own, and commits the last one every five seconds."""

    def __init__(self, address, topic):
        self._consumer = Consumer(
            {
                "bootstrap.servers": address,
                "group.id": GROUP,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "fetch.wait.max.ms": 50,
            }
        )
        self._consumer.assign([TopicPartition(topic, 0, 0)])
        self.rate = 0
        self.position = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        due = commit_due = time.monotonic()
        last = None
        while not self._ended.is_set():
            now = time.monotonic()
            if last is not None and now >= commit_due:
                self._consumer.commit(message=last)
                last, commit_due = None, now + 5
            if self.rate == 0 or now < due:
                time.sleep(0.005)
                continue
            message = self._consumer.poll(0.05)
            due = max(due, now - 0.1) + 1 / self.rate
            if message is not None and message.error() is None:
                last = message
                self.position = message.offset() + 1

    def stop(self):
        self._ended.set()
        self._thread.join()
        self._consumer.close()


class Interpolation:
    """Commits, log ends, and straight lines."""

    def __init__(self, address, topic):
        self._reader = Consumer({"bootstrap.servers": address, "group.id": GROUP, "isolation.level": "read_uncommitted"})
        self._at = TopicPartition(topic, 0)
        self._ends = []  # (offset, time) of the log end

    def ask(self):
        _, end = self._reader.get_watermark_offsets(self._at, timeout=10)
        now = time.time()
        self._ends.append((end, now))
        committed = max(self._reader.committed([self._at], timeout=10)[0].offset, 0)
        return now, max(0, end - committed), (now - self._time_of(committed) if end > committed else 0.0)

    def _time_of(self, offset):
        points = [self._ends[0]]
        for point in self._ends:  # of equal offsets the last: from there on it grew
            if point[0] == points[-1][0]:
                points[-1] = point
            else:
                points.append(point)
        for (left, left_time), (right, right_time) in zip(points, points[1:]):
            if left <= offset <= right:
                return left_time + (offset - left) / (right - left) * (right_time - left_time)
        return points[0][1]

    def close(self):
        self._reader.close()


class Survey:
    def __init__(self, build, address, topic):
        self._process = subprocess.Popen(
            [build / "hosts/survey", address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._topic = topic

    def ask(self, position):
        host = {"group": GROUP, "topic": self._topic, "partition": 0, "position": position}
        self._process.stdin.write(json.dumps({"hosts": [host]}) + "\n")
        self._process.stdin.flush()
        (point,) = json.loads(self._process.stdout.readline())["points"]
        return point["time_unix_ns"] / 1e9, point["messages"], point["seconds"]

    def close(self):
        self._process.stdin.close()
        self._process.wait(30)


class Traffic:
    """Sends so many messages a second, on a thread of its own."""

    def __init__(self, address, topic):
        self._producer = Producer({"bootstrap.servers": address, "linger.ms": 5})
        self._topic = topic
        self.rate = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def burst(self, count):
        for _ in range(count):
            self._producer.produce(self._topic, b"x" * 100, partition=0)
        self._producer.flush(30)

    def _run(self):
        due = time.monotonic()
        while not self._ended.is_set():
            if self.rate == 0 or time.monotonic() < due:
                due = time.monotonic() if self.rate == 0 else due
                time.sleep(0.005)
                continue
            self._producer.produce(self._topic, b"x" * 100, partition=0)
            self._producer.poll(0)
            due += 1 / self.rate

    def stop(self):
        self._ended.set()
        self._thread.join()
        self._producer.flush(30)


def transactions(address, topic):
    producer = Producer({"bootstrap.servers": address, "transactional.id": "lag", "log_level": 2})
    producer.init_transactions(30)
    for committed in (True, True, False, True, False):
        producer.begin_transaction()
        producer.produce(topic, b"x", partition=0)
        producer.flush(30)
        producer.commit_transaction(30) if committed else producer.abort_transaction(30)


def read_log(address, topic):
    reader = Consumer({"bootstrap.servers": address, "group.id": "truth", "enable.auto.commit": False, "enable.partition.eof": True})
    reader.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    records = []
    while True:
        message = reader.poll(20)
        if message is not None and message.error() is None:
            records.append((message.offset(), message.timestamp()[1] / 1e3))
        elif message is not None and message.error().code() == KafkaError._PARTITION_EOF:
            reader.close()
            return records


def sample(seconds, consumer, interpolation, survey):
    samples = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for method, ask in (("interpolation", interpolation.ask), ("Waybill", lambda: survey.ask(consumer.position))):
            position = consumer.position
            samples.append((method, position, *ask()))
        time.sleep(SAMPLE_EVERY)
    return samples


def run(build, broker):
    topic = broker.topic(1)
    traffic, consumer = Traffic(broker.address, topic), SlowConsumer(broker.address, topic)
    interpolation, survey = Interpolation(broker.address, topic), Survey(build, broker.address, topic)
    survey.ask(0)
    phases = {}

    def phase(name, sent, taken):
        traffic.rate, consumer.rate = sent, taken
        phases[name] = sample(PHASE, consumer, interpolation, survey)

    phase("a consumer that is a little too slow", 200, 150)
    phase("a paused consumer", 200, 0)
    traffic.rate = 0
    time.sleep(10)
    traffic.burst(5000)
    phase("a burst of 5,000 after a pause", 0, 300)
    consumer.rate = 5000
    time.sleep(10)
    phase("idle, all is read", 0, 5000)
    transactions(broker.address, topic)
    time.sleep(10)
    phase("idle behind transactions, all is read", 0, 5000)
    for part in (traffic, consumer):
        part.stop()
    for part in (interpolation, survey):
        part.close()
    return phases, read_log(broker.address, topic)


def truth_at(records, position, now):
    times = [when for offset, when in records if offset >= position and when <= now]
    return len(times), (now - times[0] if times else 0.0)


def print_table(phases, records):
    print("| traffic | true lag | true seconds | method | messages off, mean (most) | seconds off, mean (most) |")
    print("|---|---|---|---|---|---|")
    for name, samples in phases.items():
        for method in ("interpolation", "Waybill"):
            rows = [(truth_at(records, position, now), messages, seconds or 0.0) for who, position, now, messages, seconds in samples if who == method]
            off = [abs(messages - true[0]) for true, messages, _ in rows]
            seconds_off = [abs(seconds - true[1]) for true, _, seconds in rows]
            lags, ages = [true[0] for true, *_ in rows], [true[1] for true, *_ in rows]
            print(
                f"| {name} | {min(lags)}–{max(lags)} | {min(ages):.1f}–{max(ages):.1f} | {method} | "
                f"{sum(off) / len(off):.0f} ({max(off)}) | {sum(seconds_off) / len(off):.2f} ({max(seconds_off):.2f}) |"
            )


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    build = arguments.parse_args().build
    with tempfile.TemporaryDirectory() as directory:
        broker = RealBroker(ROOT, directory)
        try:
            print_table(*run(build, broker))
        finally:
            broker.stop()


if __name__ == "__main__":
    main()
