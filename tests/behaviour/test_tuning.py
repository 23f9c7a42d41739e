"""Settings of a running program change without a restart."""

import os
import re
import shlex
import signal
import subprocess

import pytest
from collecting import Sender, wait_until
from doors import environment, run_bare

@pytest.fixture
def tune(build):
    def ask(pid, *options, before=(), **variables):
        return subprocess.run(
            [*before, build / "bin/waybill", "tune", "--pid", str(pid), *options],
            capture_output=True, text=True, timeout=60, env=environment(None, **variables),
        )

    return ask


@pytest.fixture
def sender(build, collecting, counting_sink, kafka):
    """A program that sends a thousand messages a second, and the topic."""
    collecting.start()
    with Sender(build, collecting.runtime, counting_sink.url, kafka.address, kafka.topic()) as running:
        yield running


def read_headers(kafka, topic):
    return run_bare("kcat", "-q", "-b", kafka.address, "-C", "-t", topic, "-p", "0", "-e", "-f", "%h\n").stdout.splitlines()


TYPIST = """
import os, sys
from confluent_kafka import Producer
address, topic, *options = sys.argv[1:]
producer = Producer({"bootstrap.servers": address, **dict(option.split("=", 1) for option in options)})
for line in sys.stdin:
    producer.produce(topic, line, partition=0)
    producer.flush(30)
    print(os.getpid(), flush=True)
"""


class Typist:
    """A program that sends a line when it gets one and then says its process number."""

    def __init__(self, command, variables, *arguments):
        self.process = subprocess.Popen(
            [*command, "/usr/bin/python3", "-c", TYPIST, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate(timeout=60)

    def send(self):
        """Sends a message; returns the process when the broker has it."""
        self.process.stdin.write("line\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self):
        said = self.process.communicate(timeout=60)[1]
        assert self.process.returncode == 0, said


def follow_the_sampler(typist, tune, sink, kafka, topic):
    """Sampled, then not, then again; each from the answer on."""
    pid = typist.send()
    changed = tune(pid, "--sampler", "always_off")
    assert changed.returncode == 0, changed.stderr
    assert f" (pid {pid})\n  OTEL_TRACES_SAMPLER = always_off   [tuned]\n" in changed.stdout
    typist.send()
    assert tune(pid, "--sampler", "always_on").returncode == 0
    typist.send()
    assert tune(pid, "--exclude", topic).returncode == 0
    typist.send()
    typist.end()
    flags = [header[-3:] for header in read_headers(kafka, topic)]
    assert flags == ["-03", "-02", "-03", ""]
    assert len(sink.wait_for(2)) == 2


def test_a_running_program_follows_at_once(build, collecting, sink, kafka, tune):
    collecting.start()
    topic = kafka.topic()
    plugin = f"plugin.library.paths={build / 'lib/libwaybill-plugin.so'}"
    variables = environment(sink, WAYBILL_RUNTIME_DIR=str(collecting.runtime))
    with Typist([], variables, kafka.address, topic, plugin) as typist:
        follow_the_sampler(typist, tune, sink, kafka, topic)


def test_a_program_below_waybill_run_follows_at_once(preload, sink, kafka, tune):
    """Found by its own environment, in the private directory of its waybill run."""
    topic = kafka.topic()
    with Typist(preload.command(), environment(sink), kafka.address, topic) as typist:
        follow_the_sampler(typist, tune, sink, kafka, topic)


def test_the_adaptive_sampler_keeps_what_its_budget_allows(build, collecting, counting_sink, kafka, tune):
    """A budget that nothing can meet, then one that allows everything."""
    collecting.start()
    topic = kafka.topic()

    def sampled_of_the_last():
        read = run_bare("kcat", "-q", "-b", kafka.address, "-C", "-t", topic, "-p", "0", "-o", "-200", "-c", "200", "-f", "%h\n")
        flags = [header[-1:] for header in read.stdout.splitlines()]
        return len(flags) == 200 and sum(flag in "13" for flag in flags)

    variables = {"OTEL_TRACES_SAMPLER": "adaptive", "WAYBILL_OVERHEAD_BUDGET": "0.0001"}
    with Sender(build, collecting.runtime, counting_sink.url, kafka.address, topic, **variables) as sender:
        pid = sender.process.pid
        wait_until(lambda: sampled_of_the_last() == 0, "next to nothing is sampled")
        warning = collecting.process.stderr.readline()
        assert re.search(rf"tracing takes [0-9.e+]+ % of the processor time of sender \(pid {pid}\), though only", warning), warning
        assert tune(pid, "--sampler", "adaptive=100").returncode == 0
        wait_until(lambda: sampled_of_the_last() == 200, "everything is sampled")
        sender.end()


def test_what_is_tuned_is_shown_and_taken_back(sender, tune):
    pid = sender.process.pid
    shown = tune(pid, "--show")
    assert shown.returncode == 0, shown.stderr
    assert re.match(rf"sender \(pid {pid}\)\n  OTEL_TRACES_SAMPLER = parentbased_always_on\n", shown.stdout)
    assert "[tuned]" not in shown.stdout
    tune(pid, "--rules", "topic=a:always_on;*:traceidratio=0.5", "--inject", "sampled")
    tune(pid, "--keep", "errors")
    shown = tune(pid, "--show").stdout
    assert "  OTEL_TRACES_SAMPLER = parentbased_rules   [tuned]\n" in shown
    assert "  WAYBILL_SAMPLER_RULES = topic=a:always_on;*:traceidratio=0.5   [tuned]\n" in shown
    assert "  WAYBILL_INJECT = sampled   [tuned]\n" in shown and "  WAYBILL_KEEP = errors   [tuned]\n" in shown
    tune(pid, "--sampler", "traceidratio=0.25")  # the rules go with their sampler
    shown = tune(pid, "--show").stdout
    assert "OTEL_TRACES_SAMPLER_ARG = 0.25   [tuned]" in shown and "topic=a" not in shown
    reset = tune(pid, "--reset")
    assert reset.returncode == 0 and "[tuned]" not in reset.stdout


def test_a_wrong_setting_is_refused_with_the_message_of_the_setting(sender, tune):
    pid = sender.process.pid
    for options, message in [
        (["--sampler", "sometimes"], 'OTEL_TRACES_SAMPLER: "sometimes" is not one of always_on'),
        (["--sampler", "traceidratio=2"], 'OTEL_TRACES_SAMPLER_ARG: "2" is not a number from 0 to 1'),
        (["--rules", "topic=a"], 'WAYBILL_SAMPLER_RULES: "topic=a": a colon and a sampler are missing'),
        (["--keep", "slow:1h"], 'WAYBILL_KEEP: "slow:1h" needs a time'),
        (["--inject", "often"], 'WAYBILL_INJECT: "often" is not one of always, sampled, never'),
    ]:
        refused = tune(pid, *options)
        assert refused.returncode == 1 and refused.stdout == ""
        assert refused.stderr.startswith(f"waybill tune: {message}"), refused.stderr
        assert refused.stderr.endswith("waybill tune: nothing is changed\n")
    assert "[tuned]" not in tune(pid, "--show").stdout


def test_what_was_tuned_outlives_the_collecting_process(sender, tune, collecting):
    pid = sender.process.pid
    assert tune(pid, "--sampler", "traceidratio=0.5").returncode == 0
    collecting.kill()
    collecting.start()
    wait_until(lambda: tune(pid, "--show").returncode == 0, "the next collecting process knows the program")
    assert "OTEL_TRACES_SAMPLER_ARG = 0.5   [tuned]" in tune(pid, "--show").stdout
    sender.end()
    wait_until(lambda: collecting.files() == ["collector"], "nothing of the program is left")


def test_every_example_of_the_manual_works(sender, tune, root):
    (block,) = re.findall(r"^```sh commands\n(.*?)^```$", (root / "docs/sampling.md").read_text(), re.MULTILINE | re.DOTALL)
    for line in block.splitlines():
        program, command, pid, number, *options = shlex.split(line)
        assert (program, command, pid, number) == ("waybill", "tune", "--pid", "$PID")
        answered = tune(sender.process.pid, *options)
        assert answered.returncode == 0, answered.stderr


def test_it_says_why_it_cannot_tune(build, tune, collecting, tmp_path):
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert tune(gone.pid, "--show").stderr == f"waybill tune: there is no process {gone.pid}\n"
    bare = subprocess.Popen(["sleep", "60"], env=environment(None, WAYBILL_RUNTIME_DIR=str(tmp_path / "none")))
    try:
        assert "nobody collects in" in tune(bare.pid, "--show").stderr
        refused = tune(bare.pid, "--show", "--runtime-dir", str(collecting.runtime))
        assert "nobody collects in" in refused.stderr
        collecting.start()
        refused = tune(bare.pid, "--show", "--runtime-dir", str(collecting.runtime))
        assert f"process {bare.pid} is not traced here" in refused.stderr and refused.returncode == 1
        collecting.process.send_signal(signal.SIGSTOP)
        try:
            refused = tune(bare.pid, "--show", "--runtime-dir", str(collecting.runtime))
            assert "does not answer" in refused.stderr or "nobody collects in" in refused.stderr
        finally:
            collecting.process.send_signal(signal.SIGCONT)
        assert tune(bare.pid).returncode == 2
        assert tune(bare.pid, "--show", "--sampler", "always_on").returncode == 2
    finally:
        bare.kill()
        bare.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_may_not_tune(sender, tune, collecting, build):
    os.chmod(collecting.runtime, 0o1733)
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    refused = tune(sender.process.pid, "--show", before=as_nobody)
    assert "is another user's" in refused.stderr and refused.returncode == 1, refused.stderr
    refused = tune(sender.process.pid, "--show", "--runtime-dir", str(collecting.runtime), before=as_nobody)
    assert refused.returncode == 1, refused.stdout
