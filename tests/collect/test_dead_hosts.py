"""Segments of dead hosts are read to the end and taken away: hosts of before, of other PID namespaces, of every kind of end."""

import os
import signal
import subprocess

import pytest
from collecting import Sender, wait_until


def segments_are_gone(collecting):
    wait_until(lambda: not [name for name in collecting.files() if name != "collector"], "no file of a dead host is left")


def test_a_host_that_died_while_no_collector_was_there_is_read_by_the_next(build, kafka, sink, collecting):
    collecting.start()
    with Sender(build, collecting.runtime, sink.url, kafka.address, kafka.topic()) as host:
        sink.wait_for(1)
        collecting.kill()
        sent = host.end()
    assert [path.suffix for path in sorted(collecting.runtime.iterdir())].count(".segment") == 1
    collecting.start()
    segments_are_gone(collecting)
    sends = {span["span_id"] for span in sink.spans(operation="send")}
    assert len(sends) == sent
    assert collecting.end()[0] == 0
    assert collecting.files() == []


def unshare(*options):
    command = ["unshare", "--pid", "--fork", *options]
    if subprocess.run([*command, "true"], capture_output=True).returncode != 0:
        pytest.skip("this user may not make PID namespaces (unshare --pid)")
    return command


@pytest.mark.parametrize("options", [["--mount-proc"], []], ids=["its own /proc", "no /proc of its own"])
def test_a_host_of_another_pid_namespace_counts_as_living_while_it_lives_and_as_dead_after(build, kafka, sink, collecting, options):
    before = unshare("--kill-child", *options)
    collecting.start()
    with Sender(build, collecting.runtime, sink.url, kafka.address, kafka.topic(), before=before) as host:
        sink.wait_for(200)
        assert len(collecting.segments()) == 1
        host.process.kill()  # and the program with it
        host.process.communicate(timeout=60)
    segments_are_gone(collecting)


def test_a_program_whose_first_thread_has_ended_is_alive(build, kafka, sink, collecting):
    """It looks like a zombie in /proc."""
    collecting.start()
    script = (
        "import ctypes, sys, threading\n"
        "from confluent_kafka import Producer\n"
        "producer = Producer({'bootstrap.servers': sys.argv[1], 'plugin.library.paths': sys.argv[3]})\n"
        "def work():\n"
        "    for line in sys.stdin:\n"
        "        producer.produce(sys.argv[2], line.encode()); producer.flush()\n"
        "        print('sent', flush=True)\n"
        "    import os; os._exit(0)\n"
        "threading.Thread(target=work).start()\n"
        "ctypes.CDLL(None).pthread_exit(None)\n"
    )
    host = subprocess.Popen(
        ["/usr/bin/python3", "-c", script, kafka.address, kafka.topic(), build / "lib/libwaybill-plugin.so"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "WAYBILL_RUNTIME_DIR": str(collecting.runtime), "OTEL_EXPORTER_OTLP_ENDPOINT": sink.url},
    )
    try:
        wait_until(lambda: "State:\tZ" in open(f"/proc/{host.pid}/status").read(), "the first thread has ended")
        for number in range(1, 4):
            host.stdin.write("message\n")
            host.stdin.flush()
            assert host.stdout.readline() == "sent\n"
            sink.wait_for(number, operation="send")
            assert len(collecting.segments()) == 1
    finally:
        host.stdin.close()
        host.wait(60)
        host.stdout.close()
    segments_are_gone(collecting)


@pytest.mark.parametrize("name", ["KILL", "ABRT", "TERM"])
def test_what_a_host_had_committed_arrives_however_it_ends(build, kafka, counting_sink, collecting, name):
    collecting.start()
    with Sender(build, collecting.runtime, counting_sink.url, kafka.address, kafka.topic(), per_second=0, OTEL_SERVICE_NAME="sender") as host:
        wait_until(lambda: counting_sink.counts("sender").get("send"), "spans come")
        host.process.send_signal(signal.SIGSTOP)
        collecting.process.send_signal(signal.SIGSTOP)
        host.process.send_signal(getattr(signal, f"SIG{name}"))
        host.process.send_signal(signal.SIGCONT)
        host.process.communicate(timeout=60)
        collecting.process.send_signal(signal.SIGCONT)
    segments_are_gone(collecting)
    assert collecting.end()[0] == 0
    (host_books,) = collecting.books()["hosts"]
    counts = counting_sink.counts("sender")
    assert sum(operation["distinct"] for operation in counts.values()) == host_books["handed_on"]
    assert host_books["started"] == host_books["handed_on"] + sum(host_books["dropped"].values())
