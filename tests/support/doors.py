"""Runs programs under Waybill, through either of the doors that need no change of code."""

import json
import os
import pathlib
import signal
import subprocess
import time


def environment(sink, **variables):
    base = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "WAYBILL_"))}
    if sink is not None:
        base["OTEL_EXPORTER_OTLP_ENDPOINT"] = sink.url
    base.update(variables)
    return base


class Door:
    """What both doors share: every program that runs through one is accounted for, in the books and at the receiver."""

    # False: a test sends something to a receiver past this door.
    checks_sinks = True
    # True: what comes from others, with exporters of their own, stands in this door's books.
    serves_others = False

    def __init__(self):
        self._sinks = []
        self._books = []
        self._exporters_of_runs = set()

    def _remember(self, sink, variables):
        exporters = variables.get("OTEL_TRACES_EXPORTER", "otlp")
        self._exporters_of_runs.add(0 if exporters == "none" else len(exporters.split(",")))
        if "OTEL_EXPORTER_OTLP_ENDPOINT" not in variables and exporters == "otlp" and sink not in self._sinks:
            self._sinks.append(sink)

    def _check_books(self, books):
        (exporters,) = self._exporters_of_runs if len(self._exporters_of_runs) == 1 and not self.serves_others else (None,)
        assert_books_balance(books, exporters)
        self._books.append(books)

    def _check_sinks(self):
        """What the exporters say to have exported is what the receivers have got, unless some of it went elsewhere."""
        if self.checks_sinks and None not in self._sinks and self._sinks:
            received = sum(sink.received() for sink in self._sinks)
            exported = [books["exporters"] for books in self._books]
            assert received == sum(one["exported"] for one in exported), (received, exported)


class PreloadDoor(Door):
    """waybill run -- COMMAND"""

    name = "preload"
    sees_processing = True

    def __init__(self, build, directory, prefix=()):
        super().__init__()
        self._waybill = [*prefix, build / "bin/waybill"]
        self._directory = pathlib.Path(directory)
        self.host_options = []

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        if failed is None:
            self._check_sinks()

    def run(self, sink, *command, timeout=60, input=None, **variables):
        """Runs to the end and returns the finished process, with .books beside its output."""
        books = self._directory / f"books-{time.monotonic_ns()}.json"
        result = subprocess.run(
            self.command(*command, options=("--books", books)), env=environment(sink, **variables),
            capture_output=True, text=True, timeout=timeout, input=input,
        )
        result.books = json.loads(books.read_text())
        self._exporters_of_runs.clear()
        self._remember(sink, variables)
        self._check_books(result.books)
        return result

    def command(self, *command, options=()):
        return [*self._waybill, "run", "--wait", *options, "--", *map(str, command)]

    def variables(self):
        return {}

    def books(self):
        """Those of the last run."""
        return self._books[-1]


class PluginDoor(Door):
    """plugin.library.paths=libwaybill-plugin, with waybill collect beside the program."""

    name = "plugin"
    sees_processing = False

    def __init__(self, build, directory, prefix=()):
        super().__init__()
        self._prefix = list(prefix)
        self._build = build
        self._runtime = pathlib.Path(directory) / "runtime"
        self._books_file = pathlib.Path(directory) / "collect-books.json"
        self.host_options = ["-X", f"plugin.library.paths={build / 'lib/libwaybill-plugin.so'}"]

    def __enter__(self):
        self._collect = subprocess.Popen(
            [*self._prefix, self._build / "bin/waybill", "collect", "--runtime-dir", self._runtime, "--books", self._books_file],
            stderr=subprocess.PIPE, text=True, env=environment(None),
        )
        assert "reading in" in self._collect.stderr.readline()
        return self

    def __exit__(self, failed, *_):
        self.stop()
        if failed is None:
            self._check_books(self.books())
            self._check_sinks()

    def stop(self):
        """Ends the collecting side and returns what it said; the books are in books()."""
        if self._collect.poll() is None:
            self._collect.send_signal(signal.SIGTERM)
        said = self._collect.communicate(timeout=20)[1] if not self._collect.stderr.closed else ""
        return said

    def books(self):
        self.stop()
        return json.loads(self._books_file.read_text())

    def segments(self):
        return list(self._runtime.glob("*.segment"))

    def start(self, sink, *command, **variables):
        """A running program, with pipes for its input and outputs."""
        self._remember(sink, variables)
        return subprocess.Popen(
            list(map(str, command)), env=environment(sink, WAYBILL_RUNTIME_DIR=str(self._runtime), **variables),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )

    def run(self, sink, *command, timeout=60, input=None, **variables):
        self._remember(sink, variables)
        result = subprocess.run(
            self.command(*command), env=environment(sink, **self.variables(), **variables), capture_output=True, text=True, timeout=timeout, input=input,
        )
        result.books = None
        return result

    def command(self, *command):
        return [*self._prefix, *map(str, command)]

    def variables(self):
        return {"WAYBILL_RUNTIME_DIR": str(self._runtime)}


def run_bare(*command, timeout=60, input=None, **variables):
    """The same program without Waybill."""
    return subprocess.run(
        list(map(str, command)), env=environment(None, **variables), capture_output=True, text=True, timeout=timeout, input=input
    )


def run_both(door, sink, program, broker, topic, same_topic=True, bare_variables=None, **options):
    """Runs the program bare and under the door; returns the traced run after comparing the two."""
    bare = run_bare(program, broker, topic if same_topic else topic + "-bare", **(bare_variables or {}))
    traced = door.run(sink, program, broker, topic, *door.host_options, **options)
    assert traced.stdout == bare.stdout
    assert traced.returncode == bare.returncode, traced.stderr
    return traced


def check_books(door, result):
    """The books balance; returns them."""
    books = result.books if result.books is not None else door.books()
    assert_books_balance(books)
    return books


def wait_until(condition, seconds=20):
    """Returns when the condition holds; fails when it does not for so long, which a hang alone explains."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "the condition does not come true"
        time.sleep(0.02)


class Relaying:
    """A program that processes messages, sends each on while it does, and another one after it."""

    def __init__(self, door, command, sees_polls):
        self._door = door
        self._command = command
        self.sees_polls = sees_polls

    def run(self, sink, kafka, source, target, count, *mode, **variables):
        result = self._door.run(sink, *self._command, kafka.address, source, target, count, *mode, **variables)
        result.books = self._door.books()
        return result


def assert_books_balance(books, exporters=1):
    """Nothing is missing: what was started was exported, or is counted as dropped. `exporters`: how many get each span, if known."""
    sent = books["exporters"]
    assert sent["submitted"] == sent["exported"] + sum(sent["dropped"].values()) + sent["pending"], sent
    for host in books["hosts"]:
        assert host["started"] == host["handed_on"] + sum(host["dropped"].values()) + host["not_kept"] + host["in_flight"], host
        assert host["in_flight"] == 0, host  # it has ended
    if exporters is not None:
        assert sent["submitted"] == exporters * sum(host["handed_on"] for host in books["hosts"]), books
