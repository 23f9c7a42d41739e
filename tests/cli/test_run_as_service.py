"""`waybill run` as PID 1 of a container, and under a service manager that signals all of its processes."""

import os
import signal
import subprocess

import pytest
from collecting import wait_until
from doors import environment

PRODUCER = """
import os, signal, sys
from confluent_kafka import Producer
producer = Producer({"bootstrap.servers": sys.argv[1], "linger.ms": 5})
def last_words(*_):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    producer.produce(sys.argv[2], b"last words")
    producer.flush(10)
    again = signal.sigtimedwait({signal.SIGTERM}, 0.5)
    print("handled", "twice" if again else "once", flush=True)
    os._exit(7)
signal.signal(signal.SIGTERM, last_words)
producer.produce(sys.argv[2], b"first")
producer.flush(10)
print("ready", flush=True)
while True:
    signal.pause()
"""


def start(command, sink, **options):
    return subprocess.Popen([*map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env=environment(sink), **options)


@pytest.fixture
def run(build):
    return [build / "bin/waybill", "run", "--"]


@pytest.fixture
def container():
    """The words before a command that make it PID 1 of a namespace of its own."""
    command = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if subprocess.run([*command, "true"], capture_output=True).returncode != 0:
        pytest.skip("this user may not make PID namespaces (unshare --pid)")
    return command


def pid_1_of(process):
    """The pid, as seen here, of the process that is PID 1 in there."""
    path = f"/proc/{process.pid}/task/{process.pid}/children"
    return int(wait_until(lambda: open(path).read().split(), "unshare has forked")[0])


def states_of_children(pid):
    states = []
    for child in open(f"/proc/{pid}/task/{pid}/children").read().split():
        try:
            states.append(open(f"/proc/{child}/stat").read().rpartition(")")[2].split()[0])
        except FileNotFoundError:  # reaped since it was listed
            continue
    return states


@pytest.mark.parametrize("code", [0, 3])
def test_as_pid_1_the_exit_code_is_the_programs(container, run, code):
    result = subprocess.run([*container, *run, "sh", "-c", f"exit {code}"], capture_output=True, text=True, timeout=60, env=environment(None))
    assert (result.returncode, result.stderr) == (code, "")


@pytest.mark.parametrize("name, expected", [("TERM", 128 + 15), ("KILL", 128 + 9), ("ABRT", 128 + 6)])
def test_as_pid_1_a_signal_that_ended_the_program_is_told_as_a_shell_tells_it(container, run, name, expected):
    """A PID 1 cannot end by a signal of its own."""
    result = subprocess.run([*container, *run, "sh", "-c", f"kill -{name} $$"], capture_output=True, text=True, timeout=60, env=environment(None))
    assert result.returncode == expected


def test_as_pid_1_it_passes_signals_on_and_delivers_the_last_spans_before_it_ends(container, run, sink, kafka):
    process = start([*container, *run, "/usr/bin/python3", "-c", PRODUCER, kafka.address, kafka.topic()], sink)
    assert process.stdout.readline() == "ready\n", process.stderr.read()
    os.kill(pid_1_of(process), signal.SIGTERM)
    assert process.communicate(timeout=60) == ("handled once\n", "")
    assert process.returncode == 7
    assert len(sink.spans()) == 2  # all are there: nothing of the container is left that could send them


def test_as_pid_1_it_delivers_what_a_killed_program_had_recorded(container, run, sink, kafka):
    script = PRODUCER.replace("signal.pause()", "os.kill(os.getpid(), signal.SIGKILL)")
    process = start([*container, *run, "/usr/bin/python3", "-c", script, kafka.address, kafka.topic()], sink)
    assert process.communicate(timeout=60) == ("ready\n", "")
    assert process.returncode == 128 + signal.SIGKILL
    assert len(sink.spans()) == 1


def test_as_pid_1_it_reaps_the_orphans_of_others(container, run):
    """What somebody starts in the container beside the program, and leaves there, becomes a child of PID 1."""
    process = start([*container, *run, "sh", "-c", "echo ready; exec sleep 1000"], None)
    assert process.stdout.readline() == "ready\n"
    first = pid_1_of(process)
    enter = ["nsenter", "--target", str(first), "--pid", "--mount"]
    subprocess.run([*enter, "sh", "-c", "sh -c 'exit 1' & sh -c 'sleep 0.1; exit 2' & exit 0"], check=True, timeout=60)
    wait_until(lambda: states_of_children(first) == ["S"], "no zombie, and no child but the collecting process")
    os.kill(first, signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM


def processes_of(process):
    """The three of `waybill run`: in the foreground, collecting, the program."""
    def descendants(pid):
        children = open(f"/proc/{pid}/task/{pid}/children").read().split()
        return [pid, *[one for child in children for one in descendants(int(child))]]
    return wait_until(lambda: (found := descendants(process.pid)) and len(found) >= 3 and found, "three processes")


@pytest.mark.parametrize("order", [1, -1], ids=["parents first", "children first"])
def test_a_service_manager_may_signal_all_of_its_processes(run, sink, kafka, order):
    """As systemd does with KillMode=control-group: the program gets the signal once, and its last spans arrive."""
    process = start([*run, "/usr/bin/python3", "-c", PRODUCER, kafka.address, kafka.topic()], sink)
    assert process.stdout.readline() == "ready\n", process.stderr.read()
    for pid in processes_of(process)[::order]:
        os.kill(pid, signal.SIGTERM)
    assert process.communicate(timeout=60) == ("handled once\n", "")
    assert process.returncode == 7
    assert len(sink.wait_for(2)) == 2


def test_a_signal_to_its_process_group_reaches_the_program(run, sink, kafka):
    process = start([*run, "/usr/bin/python3", "-c", PRODUCER, kafka.address, kafka.topic()], sink, process_group=0)
    assert process.stdout.readline() == "ready\n", process.stderr.read()
    os.killpg(process.pid, signal.SIGTERM)
    # Twice, because nobody can tell that the program has got it already: docs/adr/0008.
    assert process.communicate(timeout=60) == ("handled twice\n", "")
    assert process.returncode == 7
    assert len(sink.wait_for(2)) == 2


def test_a_signal_that_comes_early_is_not_lost(run):
    """Before the foreground process has heard that the program runs."""
    script = 'trap "exit 5" HUP; kill -HUP $(ps -o ppid= -p $PPID); while :; do sleep 0.05; done'
    for _ in range(20):
        result = subprocess.run([*map(str, run), "bash", "-c", script], timeout=60, env=environment(None))
        assert result.returncode == 5
