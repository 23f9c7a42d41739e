"""The servers that are built from Go modules, with the project's scripts: bin/collector and bin/jaeger."""

import subprocess

import pytest


def skip_unless_built(root, name):
    """Skips the test when this server was never built: that takes many minutes."""
    if subprocess.run([root / "bin" / name, "is-installed"], stdout=subprocess.DEVNULL, check=False).returncode != 0:
        pytest.skip(f"bin/{name} install was not run")


class GoServer:
    """A running server."""

    def __init__(self, root, name, directory, *options):
        script = root / "bin" / name
        self._stop = [script, "stop", "--dir", directory]
        command = [script, "start", "--dir", directory, *options]
        started = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        # What it is and where, a line each.
        self.places = dict(line.split(" ", 1) for line in started.stdout.splitlines())

    def stop(self):
        subprocess.run(self._stop, check=True)
