"""The collecting side as a process that can be killed, stopped and started again, and programs that run beside it."""

import json
import pathlib
import re
import signal
import subprocess
import time

from doors import environment

# For what a test may stop: where the tests' process group has no terminal behind it, the kernel sends SIGHUP to all of the group
# when one of it is stopped and another one ends.
OF_ITS_OWN = {"start_new_session": True}


def wait_until(condition, what, seconds=60):
    """Waits for a condition, generously: a test that hangs must end, no more."""
    give_up = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < give_up, f"not within {seconds} s: {what}"
        time.sleep(0.01)
    return result


class CollectingSide:
    """`waybill collect` in a runtime directory of its own."""

    def __init__(self, build, directory):
        self._waybill = build / "bin/waybill"
        self.runtime = pathlib.Path(directory) / "runtime"
        self.runtime.mkdir(mode=0o700)
        self._books = pathlib.Path(directory) / "books.json"
        self.process = None
        self.said_at_start = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.process.kill()
            self._collected()

    def start(self, *options, **variables):
        """Starts it with these settings of its own, and keeps what it says before it reads as `said_at_start`."""
        self.process = subprocess.Popen(
            [self._waybill, "collect", "--runtime-dir", self.runtime, "--books", self._books, *options],
            stderr=subprocess.PIPE, text=True, env=environment(None, **variables), **OF_ITS_OWN,
        )
        self.said_at_start = ""
        while "reading in" not in (line := self.process.stderr.readline()):
            assert line, f"it did not start: {self.said_at_start}"
            self.said_at_start += line
        return self

    def kill(self):
        self.process.kill()
        self._collected()

    def end(self, *signals):
        """Ends it in good order, or by the signals given one after the other; returns (exit code, what it said)."""
        for one in signals or (signal.SIGTERM,):
            self.process.send_signal(one)
        process = self.process
        said = self._collected()
        return process.returncode, said

    def books(self):
        return json.loads(self._books.read_text())

    def files(self):
        return sorted(path.name for path in self.runtime.iterdir())

    def segments(self):
        return list(self.runtime.glob("*.segment"))

    def _collected(self):
        said = self.process.communicate(timeout=60)[1]
        self.process = None
        return said


class Sender:
    """tests/collect/sender.c with the plugin, in the background."""

    def __init__(self, build, runtime, sink_url, broker, topic, per_second=1000, count=0, before=(), **variables):
        plugin = f"plugin.library.paths={build / 'lib/libwaybill-plugin.so'}"
        self.process = subprocess.Popen(
            [*before, build / "hosts/sender", broker, topic, "-X", plugin, str(per_second), str(count)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment(None, WAYBILL_RUNTIME_DIR=str(runtime), OTEL_EXPORTER_OTLP_ENDPOINT=sink_url, **variables), **OF_ITS_OWN,
        )
        assert self.process.stdout.readline() == "ready\n", self.process.stderr.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate(timeout=60)

    def end(self):
        """Lets it end (at once, or when it has sent its count); returns how many messages it sent and received."""
        self.process.send_signal(signal.SIGTERM)
        return self.result()

    def result(self):
        output, said = self.process.communicate(timeout=120)
        assert (self.process.returncode, said) == (0, ""), said
        sent, delivered, received = map(int, re.fullmatch(r"sent (\d+) delivered (\d+) received (\d+)\n", output).groups())
        assert sent == delivered == received
        return sent
