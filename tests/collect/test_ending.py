"""How `waybill collect` ends: by the deadline, with everything that was not exported left for the next one."""

import os
import signal
import subprocess

import pytest
from collecting import Sender, wait_until


def status_line(pid, name):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith(name + ":"):
            return line.split()[1]
    raise AssertionError(name)


def catches(pid, number):
    return int(status_line(pid, "SigCgt"), 16) >> (number - 1) & 1


def distinct(counting_sink):
    return {name: counts["distinct"] for name, counts in counting_sink.counts("sender").items()}


@pytest.mark.parametrize("host_is", ["alive", "dead"])
def test_it_ends_by_the_deadline_though_the_receiver_hangs_and_the_next_one_exports_what_is_left(build, kafka, counting_sink, collecting, host_is):
    collecting.start("--deadline", "1")
    os.kill(counting_sink.pid, signal.SIGSTOP)
    variables = {"OTEL_SERVICE_NAME": "sender", "OTEL_EXPORTER_OTLP_TIMEOUT": "3600000"}
    count = 500 if host_is == "dead" else 0
    with Sender(build, collecting.runtime, counting_sink.url, kafka.address, kafka.topic(), count=count, **variables) as host:
        if host_is == "dead":
            sent = host.result()
        code, said = collecting.end()
        assert code == 0
        assert "lost" not in said
        assert collecting.books()["exporters"]["dropped"] == {"queue_full": 0, "rejected": 0, "unreachable": 0}
        assert {path.suffix for path in collecting.runtime.iterdir()} == {".segment", ".spool"}
        os.kill(counting_sink.pid, signal.SIGCONT)
        collecting.start()
        if host_is == "alive":
            sent = host.end()
    wait_until(lambda: not collecting.segments(), "the host's segment is read and taken away")
    assert distinct(counting_sink) == {"send": sent, "poll": sent}
    assert collecting.end() == (0, "")
    assert collecting.files() == []


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(build, kafka, counting_sink, collecting, second):
    collecting.start("--deadline", "3600")
    os.kill(counting_sink.pid, signal.SIGSTOP)
    with Sender(build, collecting.runtime, counting_sink.url, kafka.address, kafka.topic(), count=100, OTEL_EXPORTER_OTLP_TIMEOUT="3600000", OTEL_SERVICE_NAME="sender") as host:
        assert host.result() == 100
    collecting.process.send_signal(signal.SIGTERM)
    wait_until(lambda: not catches(collecting.process.pid, second), "the first signal has come")
    assert collecting.end(second)[0] == -second
    os.kill(counting_sink.pid, signal.SIGCONT)
    collecting.start()
    wait_until(lambda: not collecting.segments(), "the next one exports what is left")
    assert distinct(counting_sink) == {"send": 100, "poll": 100}


def test_nothing_is_repeated_when_it_is_ended_in_good_order_and_started_again(build, kafka, counting_sink, collecting):
    collecting.start()
    with Sender(build, collecting.runtime, counting_sink.url, kafka.address, kafka.topic(), per_second=5000, OTEL_SERVICE_NAME="sender") as host:
        for _ in range(8):
            before = counting_sink.counts()["spans"]
            wait_until(lambda: counting_sink.counts()["spans"] > before, "spans come")
            assert collecting.end()[0] == 0
            collecting.start()
        sent = host.end()
    wait_until(lambda: not collecting.segments(), "the host's segment is read and taken away")
    counts = counting_sink.counts("sender")
    assert {name: numbers["repeated"] for name, numbers in counts.items()} == {"send": 0, "poll": 0}
    collecting.end()
    (books,) = collecting.books()["hosts"]
    assert sum(books["dropped"].values()) == 0
    assert distinct(counting_sink) == {"send": sent, "poll": sent}


@pytest.mark.parametrize("value", ["-1", "soon", "3601"])
def test_a_deadline_that_is_no_number_of_seconds_is_refused(build, collecting, value):
    result = subprocess.run([build / "bin/waybill", "collect", "--deadline", value], capture_output=True, text=True, timeout=60)
    assert result.returncode == 2 and "--deadline" in result.stderr
