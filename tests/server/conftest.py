"""Fixtures of the tests of the server, and of the commands that ask it."""

import subprocess

import pytest
from doors import environment


@pytest.fixture
def waybill(build):
    """Runs `waybill` in UTC, on something that is 80 columns wide and no terminal."""

    def run(*arguments, **variables):
        return subprocess.run(
            [build / "bin/waybill", *arguments], capture_output=True, text=True, timeout=120, env=environment(None, **{"TZ": "UTC", "COLUMNS": "80"} | variables)
        )

    return run
