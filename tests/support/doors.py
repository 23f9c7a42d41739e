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


class PreloadDoor:
    """waybill run -- COMMAND"""

    name = "preload"
    sees_processing = True

    def __init__(self, build, directory, prefix=()):
        self._waybill = [*prefix, build / "bin/waybill"]
        self._directory = pathlib.Path(directory)
        self.host_options = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def run(self, sink, *command, timeout=60, input=None, **variables):
        """Runs to the end and returns the finished process, with .books beside its output."""
        books = self._directory / f"books-{time.monotonic_ns()}.json"
        result = subprocess.run(
            self.command(*command, options=("--books", books)), env=environment(sink, **variables),
            capture_output=True, text=True, timeout=timeout, input=input,
        )
        result.books = json.loads(books.read_text()) if books.exists() else None
        return result

    def command(self, *command, options=()):
        return [*self._waybill, "run", "--wait", *options, "--", *map(str, command)]

    def variables(self):
        return {}


class PluginDoor:
    """plugin.library.paths=libwaybill-plugin, with waybill collect beside the program."""

    name = "plugin"
    sees_processing = False

    def __init__(self, build, directory, prefix=()):
        self._prefix = list(prefix)
        self._build = build
        self._runtime = pathlib.Path(directory) / "runtime"
        self._books = pathlib.Path(directory) / "collect-books.json"
        self.host_options = ["-X", f"plugin.library.paths={build / 'lib/libwaybill-plugin.so'}"]

    def __enter__(self):
        self._collect = subprocess.Popen(
            [*self._prefix, self._build / "bin/waybill", "collect", "--runtime-dir", self._runtime, "--books", self._books],
            stderr=subprocess.PIPE, text=True, env=environment(None),
        )
        assert "reading in" in self._collect.stderr.readline()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends the collecting side and returns what it said; the books are in books()."""
        if self._collect.poll() is None:
            self._collect.send_signal(signal.SIGTERM)
        said = self._collect.communicate(timeout=20)[1] if not self._collect.stderr.closed else ""
        return said

    def books(self):
        self.stop()
        return json.loads(self._books.read_text())

    def run(self, sink, *command, timeout=60, input=None, **variables):
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


def assert_books_balance(books):
    """Nothing is missing: what was started was exported, or is counted as dropped or in flight."""
    exporters = books["exporters"]
    assert exporters["submitted"] == exporters["exported"] + sum(exporters["dropped"].values()) + exporters["pending"]
    for host in books["hosts"]:
        assert host["started"] == host["handed_on"] + sum(host["dropped"].values()) + host["in_flight"], host
    assert exporters["submitted"] == sum(host["handed_on"] for host in books["hosts"])
