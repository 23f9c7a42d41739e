"""Places for runtime directories that have no room, and what Waybill says about them."""

import pathlib
import subprocess

import pytest


def said(result):
    """The lines that Waybill wrote on the program's stderr."""
    return [line for line in result.stderr.splitlines() if line.startswith("waybill")]


def assert_said_once(result, *words):
    """One line tells why there is no telemetry, in these words."""
    (line,) = said(result)
    assert line.startswith("waybill: no telemetry from this program: ")
    for word in words:
        assert word in line
    return line


class Mounts:
    """A private mount namespace that lasts as long as the `with` block: nothing of it is seen outside, or stays behind."""

    def __init__(self, script):
        self._holder = subprocess.Popen(
            ["unshare", "-m", "--propagation", "private", "sh", "-c", f"({script}) && echo ready && exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        self._ready = self._holder.stdout.readline() == "ready\n"

    def __enter__(self):
        if not self._ready:
            why = self._holder.communicate()[1].strip()
            pytest.skip(f"mounting is not permitted here: {why}")
        return self

    def __exit__(self, *_):
        self._holder.communicate()

    @property
    def prefix(self):
        """What runs a command inside: [*mounts.prefix, command, …]."""
        return ["nsenter", "-m", "-t", str(self._holder.pid)]

    def path(self, inside):
        """The same file or folder as seen from outside."""
        return pathlib.Path(f"/proc/{self._holder.pid}/root{inside}")


def tmpfs(path, options):
    return f"mkdir -p {path} && mount -t tmpfs -o mode=0700,{options} none {path}"


def fill(folder):
    """Takes the last byte of a small tmpfs."""
    taken = 0
    with open(folder / "filler", "wb", buffering=0) as filler:
        for size in (65536, 4096, 1):
            try:
                while True:
                    taken += filler.write(b"x" * size)
            except OSError:
                continue
    assert taken > 0


def as_nobody(program):
    """What runs `program` as a user without rights: [*as_nobody(program), program, …]."""
    prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if subprocess.run([*prefix, "test", "-x", program], capture_output=True).returncode != 0:
        pytest.skip("this test cannot become another user, or that one cannot reach the build folder")
    return prefix


def let_others_enter(folder):
    """The folders that pytest makes are closed to other users."""
    for one in [folder, *list(folder.parents)[:2]]:
        one.chmod(one.stat().st_mode | 0o011)
