"""The other side of a measurement: a receiver that counts, and `waybill collect`."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request


class Collecting:
    """A counting receiver and `waybill collect`, whose CPU time is read from outside."""

    def __init__(self, build):
        self._build = build
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="waybill-bench-", dir="/dev/shm"))
        self._sink = subprocess.Popen([build / "bin/counting-sink"], stdout=subprocess.PIPE, text=True)
        self.url = self._sink.stdout.readline().strip()
        self.runtime = self._folder / "runtime"
        self._collect = subprocess.Popen(
            [build / "bin/waybill", "collect", "--runtime-dir", self.runtime], stderr=subprocess.PIPE, text=True,
            env=clean_environment(),
        )
        assert "reading in" in self._collect.stderr.readline()

    def spans(self):
        with urllib.request.urlopen(self.url + "/counts", timeout=60) as answer:
            return json.load(answer)["spans"]

    def cpu_ns(self):
        return cpu_ns_of(self._collect.pid)

    def wait_for(self, spans):
        """Waits until so many more have come, or none has come for half a second; returns how many there are."""
        seen, quiet_since = self.spans(), time.monotonic()
        while seen < spans and time.monotonic() - quiet_since < 0.5:
            time.sleep(0.05)
            now = self.spans()
            if now != seen:
                seen, quiet_since = now, time.monotonic()
        return seen

    def stop(self):
        for process in (self._collect, self._sink):
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        shutil.rmtree(self._folder)


def cpu_ns_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def clean_environment(**variables):
    base = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "WAYBILL_", "LD_PRELOAD"))}
    return base | variables
