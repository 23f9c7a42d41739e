"""The receiver slow, stopped or absent, the collecting side stopped or never started: the program only counts."""

import contextlib
import os
import signal
import socket
import subprocess
import time

import pytest
from collecting import Sender, wait_until
from doors import environment, run_bare

MESSAGES = 3000


def bare_output(build, kafka):
    bare = run_bare(build / "hosts/sender", kafka.address, kafka.topic(), "1000", str(MESSAGES))
    return (bare.returncode, bare.stdout, bare.stderr)


def output(host):
    host.process.wait(120)
    return (host.process.returncode, "ready\n" + host.process.stdout.read(), host.process.stderr.read())


@contextlib.contextmanager
def stopped(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def closed_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


@pytest.fixture
def host(build, kafka, collecting):
    with contextlib.ExitStack() as stack:
        yield lambda url, count=MESSAGES, **variables: stack.enter_context(
            Sender(build, collecting.runtime, url, kafka.address, kafka.topic(), count=count, OTEL_SERVICE_NAME="sender", **variables))


def distinct(counting_sink):
    return {name: counts["distinct"] for name, counts in counting_sink.counts("sender").items()}


def all_arrive(counting_sink, number):
    wait_until(lambda: distinct(counting_sink) == {"send": number, "poll": number}, f"{number} of each operation")


def test_a_slow_receiver_gets_everything_later(build, kafka, sink, collecting, host):
    sink.answer_next(*[{"delay_ms": 500}] * 10)
    collecting.start()
    assert output(host(sink.url)) == bare_output(build, kafka)
    wait_until(lambda: len(sink.spans()) == 2 * MESSAGES, "all spans")


def test_a_receiver_that_is_stopped_gets_everything_when_it_goes_on(build, kafka, counting_sink, collecting, host):
    collecting.start()
    with stopped(counting_sink.pid):
        assert output(host(counting_sink.url, OTEL_EXPORTER_OTLP_TIMEOUT="3600000")) == bare_output(build, kafka)
    all_arrive(counting_sink, MESSAGES)


def test_an_absent_receiver_costs_the_spans_which_are_counted(build, kafka, collecting, host):
    collecting.start()
    assert output(host(closed_port(), OTEL_EXPORTER_OTLP_TIMEOUT="100")) == bare_output(build, kafka)
    wait_until(lambda: not collecting.segments(), "the segment of the dead host is taken away")
    said = collecting.end()[1]
    assert f"{2 * MESSAGES} of {2 * MESSAGES} spans" in said and "were lost" in said
    assert collecting.books()["exporters"]["dropped"] == {"queue_full": 0, "rejected": 0, "unreachable": 2 * MESSAGES}


def test_a_collecting_side_that_is_stopped_goes_on_where_it_was(build, kafka, counting_sink, collecting, host):
    """For less than the patience of its hosts: they still record, into the segment."""
    collecting.start()
    waiting = host(counting_sink.url)
    with stopped(collecting.process.pid):
        wait_until(lambda: segment_holds_records(collecting), "the host records")
    assert output(waiting) == bare_output(build, kafka)
    all_arrive(counting_sink, MESSAGES)


def segment_holds_records(collecting):
    (segment,) = collecting.segments()
    return segment.stat().st_blocks * 512 > 400 * 1024  # the head is 324 KiB


def test_a_full_segment_is_counted_by_the_host_and_records_flow_again(build, kafka, counting_sink, collecting, host):
    collecting.start()
    busy = host(counting_sink.url, count=200_000, WAYBILL_SEGMENT_SIZE="1MiB", per_second=0)
    with stopped(collecting.process.pid):
        assert output(busy) == (0, "ready\nsent 200000 delivered 200000 received 200000\n", "")
    wait_until(lambda: not collecting.segments(), "the segment is read and taken away")
    assert collecting.end()[0] == 0
    (books,) = collecting.books()["hosts"]
    assert books["dropped"]["no_room"] > 0
    assert books["started"] == books["handed_on"] + sum(books["dropped"].values())
    assert distinct(counting_sink)["send"] == books["handed_on"]


def test_after_a_long_stop_a_host_records_again(build, kafka, counting_sink, collecting, host):
    """Longer than the patience of its hosts: they stop recording by themselves, and begin again when it is back."""
    collecting.start()
    living = host(counting_sink.url, count=0)
    wait_until(lambda: distinct(counting_sink).get("send"), "spans come")
    with stopped(collecting.process.pid):
        wait_until(lambda: heartbeat_is_old(collecting), "the host has lost patience")
    seen = distinct(counting_sink)["send"]
    wait_until(lambda: distinct(counting_sink)["send"] > seen + 2000, "spans come again")
    sent = living.end()
    assert distinct(counting_sink)["send"] <= sent


def heartbeat_is_old(collecting):
    (segment,) = collecting.segments()
    with open(segment, "rb") as file:
        file.seek(4096)
        heartbeat_ns = int.from_bytes(file.read(8), "little")
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) - heartbeat_ns > 6_000_000_000


def test_without_a_collecting_side_nothing_is_said_and_nothing_waits(build, kafka, collecting, host):
    assert output(host(closed_port())) == bare_output(build, kafka)
    assert len(collecting.segments()) == 1
    collecting.start()
    wait_until(lambda: not collecting.segments(), "the next collecting side takes it away")
    assert collecting.end()[0] == 0
    assert collecting.files() == []


def test_a_program_alone_is_not_kept_by_segments_that_nobody_reads(build, kafka, collecting):
    """Without a collecting side 64 segments may wait; then programs make none."""
    plugin = f"plugin.library.paths={build / 'lib/libwaybill-plugin.so'}"
    topic = kafka.topic()
    for _ in range(70):
        result = subprocess.run(["kcat", "-X", plugin, "-b", kafka.address, "-P", "-t", topic], input="one", text=True, capture_output=True,
                                env=environment(None, WAYBILL_RUNTIME_DIR=str(collecting.runtime)), timeout=60)
        assert result.returncode == 0
    assert len(collecting.segments()) == 64
    collecting.start()
    wait_until(lambda: not collecting.segments(), "the next collecting side takes them away")
