"""Fixtures of the tests of commands."""

import subprocess

import pytest
from doors import environment


@pytest.fixture
def config(build):
    """Runs `waybill config`, with these variables and no others of Waybill's or OpenTelemetry's."""

    def run(*arguments, **variables):
        return subprocess.run(
            [build / "bin/waybill", "config", *arguments], capture_output=True, text=True, timeout=60, env=environment(None, **variables)
        )

    return run
