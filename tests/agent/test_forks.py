"""Processes that come from others, in every way: each child has its own segment, and no span is lost or told twice."""

import pathlib

import pytest
from doors import run_bare

FOLDER = pathlib.Path(__file__).parent / "forks"
MESSAGES = 500  # of each child, as in host.c

# _Fork and clone leave libc's locks as they are. While other threads are producing such a child may hang, without Waybill too.
SITUATIONS = [
    *((how, "before") for how in ("fork", "_Fork", "clone", "vfork", "daemon")),
    *((how, "producing") for how in ("fork", "vfork", "daemon")),
    *((how, "resting") for how in ("_Fork", "clone")),
    *((how, "misuse") for how in ("fork", "daemon")),
]


def read_report(path):
    return {int(pid): int(messages) for pid, messages in map(str.split, path.read_text().splitlines())}


def sent_by_pid(sink, pids=None):
    """What arrived, by the pid that its spans name; nothing repeated, failed or unfinished among it."""
    sent = {}
    for host in sink.counts()["hosts"]:
        if pids is not None and host["pid"] not in pids:
            continue
        counts = host["operations"]["send"]
        assert (counts["repeated"], counts["errors"], counts["unfinished"]) == (0, 0, 0), host
        sent[host["pid"]] = counts["distinct"]
    return sent


def run_until_it_works(when, report, run):
    """What librdkafka does not allow works nearly always: now and then a child's own client gets stuck, without Waybill too."""
    for _ in range(4 if when == "misuse" else 1):
        report.write_text("")
        result = run()
        if "rd_kafka_flush" not in result.stderr:
            break
    return result


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "report"
    path.touch()
    return path


@pytest.mark.parametrize("how, when", SITUATIONS)
def test_each_process_is_traced_by_itself(door, counting_sink, kafka, build, report, how, when):
    """A child writes nothing into its parent's segment, and what it sends with clients of its own is seen."""
    arguments = [build / "hosts/host-forks", how, when, report, kafka.address, kafka.topic()]
    bare = run_until_it_works(when, report, lambda: run_bare(*arguments))
    assert bare.stderr == ""
    traced = run_until_it_works(when, report, lambda: door.run(counting_sink, *arguments, *door.host_options))
    assert (traced.returncode, traced.stdout, traced.stderr) == (bare.returncode, bare.stdout, bare.stderr) == (0, "done\n", "")
    books = door.books()
    sent = read_report(report)
    assert len(sent) == (4 if when == "misuse" else 7)
    assert sent_by_pid(counting_sink, sent if when == "misuse" else None) == sent
    pids = {host["pid"] for host in books["hosts"]}
    assert pids >= set(sent) if when == "misuse" else pids == set(sent)


def test_waybill_run_stays_until_the_last_descendant_has_ended(preload, counting_sink, kafka, build, report):
    """The children, daemons by then, begin when the program itself has ended."""
    result = preload.run(counting_sink, build / "hosts/host-forks", "daemon", "leaving", report, kafka.address, kafka.topic())
    assert result.returncode == 5
    sent = read_report(report)
    assert list(sent.values()) == [MESSAGES] * 3
    assert sent_by_pid(counting_sink) == sent


@pytest.mark.parametrize("end", ["return", "_exit", "SIGKILL"])
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pythons_multiprocessing(door, counting_sink, kafka, report, method, end):
    options = [option for option in door.host_options if option != "-X"]
    arguments = ["/usr/bin/python3", FOLDER / "multiprocessing_host.py", method, end, report, kafka.address, kafka.topic()]
    bare = run_bare(*arguments)
    report.write_text("")
    traced = door.run(counting_sink, *arguments, *options)
    assert (traced.returncode, traced.stdout) == (bare.returncode, bare.stdout), traced.stderr
    books = door.books()
    sent = read_report(report)
    assert len(sent) == 5
    assert {host["pid"] for host in books["hosts"]} == set(sent)
    assert sent_by_pid(counting_sink) == sent
