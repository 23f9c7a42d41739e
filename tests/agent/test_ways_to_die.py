"""However a program dies while it produces and consumes, what it had recorded before is exported, and it dies as it would."""

import os
import signal

import pytest
from counters import Counters, new_counters, read_counters
from doors import run_bare, wait_until

# 8 ways, 2 doors, 20 runs: more than ten million records are counted in all.
RUNS = int(os.environ.get("WAYBILL_DEATH_RUNS", "20"))
RECORDS = int(os.environ.get("WAYBILL_DEATH_RECORDS", "36000"))
PRODUCERS = 3

ENDS = {
    "exit": 7,
    "_exit": 7,
    "quick_exit": 7,
    "abort": -signal.SIGABRT,
    "SIGTERM": -signal.SIGTERM,
    "SIGKILL": -signal.SIGKILL,
    "exec": 7,
    "main_thread_first": 7,
}


class Run:
    """One death: what the program proves to have done, and what it is called at the sink."""

    def __init__(self, way, number, directory):
        self.service = f"{way}-{number}"
        self.way = way
        self._files = [new_counters(directory / f"{self.service}{which}") for which in ("", "-after")]

    def arguments(self, kafka):
        return [self.way, RECORDS, *self._files, kafka.address, kafka.topic()]

    @property
    def counted(self):
        return read_counters(self._files[0])

    @property
    def counted_after(self):
        return read_counters(self._files[1])


def check_sends(run, sent, dropped):
    """Every message that was taken has a span, and every one that was reported is a finished one; no more than were under way."""
    finished = sent["distinct"] - sent["unfinished"]
    assert run.counted.produced - dropped <= sent["distinct"] <= run.counted.produced + PRODUCERS, (run.service, run.counted, sent)
    assert run.counted.delivered - dropped <= finished, (run.service, run.counted, sent)
    assert sent["repeated"] == 0


def check_consumed(run, consumed, dropped):
    exported = consumed["distinct"]
    assert run.counted.handed_over - dropped <= exported <= run.counted.handed_over + 1, (run.service, run.counted, consumed)
    assert run.counted.finished - dropped <= exported - consumed["unfinished"], (run.service, run.counted, consumed)
    assert consumed["repeated"] == 0
    assert consumed["unfinished"] <= 1 + dropped


def dropped_by_service(sink, all_books):
    """What found no room in its segment. Nothing else may be missing."""
    services = {host["pid"]: host["service"] for host in sink.counts()["hosts"]}
    dropped = {}
    for books in all_books:
        assert sum(books["exporters"]["dropped"].values()) == 0, books["exporters"]
        for host in books["hosts"]:
            service = services[host["pid"]]
            dropped[service] = dropped.get(service, 0) + sum(host["dropped"].values())
    return dropped


@pytest.mark.parametrize("way", ENDS)
def test_what_was_recorded_before_a_death_is_exported(door, counting_sink, kafka, build, tmp_path, way):
    program = build / "hosts/host-ways_to_die"
    bare = run_bare(program, *Run(way, "bare", tmp_path).arguments(kafka))
    assert bare.returncode == ENDS[way]
    runs = [Run(way, number, tmp_path) for number in range(RUNS)]
    all_books = []
    for run in runs:
        traced = door.run(counting_sink, program, *run.arguments(kafka), *door.host_options, OTEL_SERVICE_NAME=run.service)
        assert (traced.returncode, traced.stdout) == (bare.returncode, bare.stdout), traced.stderr
        all_books.append(traced.books)
    if door.name == "plugin":
        all_books = [door.books()]
    dropped = dropped_by_service(counting_sink, all_books)
    total = Counters(*map(sum, zip(*(run.counted for run in runs))))
    print(f"{way}, {door.name}: {RUNS} runs, {sum(total)} records, {sum(dropped.values())} dropped; {total}")
    for run in runs:
        counts = counting_sink.counts(run.service)
        check_sends(run, counts["send"], dropped[run.service])
        check_consumed(run, counts["process" if door.sees_processing else "poll"], dropped[run.service])
    if way == "exec":
        sent = counting_sink.counts("after-exec")["send"]
        assert sent["distinct"] == sum(run.counted_after.produced for run in runs) == RUNS * 101
        assert sent["unfinished"] == 0


def test_the_segment_of_a_program_that_became_another_one_goes_while_that_one_runs(plugin, counting_sink, kafka, build, tmp_path):
    """exec keeps the pid and its start time. What the first program had recorded does not wait for the second one's end."""
    run = Run("exec_cat", 0, tmp_path)
    command = [build / "hosts/host-ways_to_die", *run.arguments(kafka), *plugin.host_options]
    process = plugin.start(counting_sink, *command, OTEL_SERVICE_NAME=run.service)
    wait_until(lambda: sum(run.counted) >= RECORDS and not plugin.segments())
    assert process.poll() is None
    sent = counting_sink.counts(run.service)["send"]
    assert run.counted.produced <= sent["distinct"] <= run.counted.produced + PRODUCERS
    assert process.communicate("still here", timeout=20)[0] == "started\nstill here"
    assert process.returncode == 0


def test_what_was_in_processing_when_the_consumer_died_is_unfinished(preload, sink, kafka):
    topic = kafka.topic()
    run_bare("kcat", "-b", kafka.address, "-P", "-t", topic, "-p", "0", input="first\nsecond")
    script = (
        "import os, signal, sys; from confluent_kafka import Consumer, TopicPartition\n"
        "consumer = Consumer({'bootstrap.servers': sys.argv[1], 'group.id': 'dies'})\n"
        "consumer.assign([TopicPartition(sys.argv[2], 0, 0)])\n"
        "messages = [consumer.poll(20) for _ in range(2)]; os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    result = preload.run(sink, "/usr/bin/python3", "-c", script, kafka.address, topic)
    assert result.returncode == -signal.SIGKILL
    finished, unfinished = sink.wait_for(2, operation="process")
    assert "waybill.unfinished" not in finished["attributes"]
    assert unfinished["attributes"]["waybill.unfinished"] is True
    assert unfinished["attributes"]["messaging.kafka.offset"] == 1
