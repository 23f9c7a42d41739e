"""Fixtures for all tests that run whole programs. ctest sets WAYBILL_BUILD; --kafka chooses the broker."""

import fcntl
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from brokers import MockBroker, RealBroker  # noqa: E402
from collecting import CollectingSide  # noqa: E402
from doors import PluginDoor, PreloadDoor, Relaying  # noqa: E402
from page_tests import PageTests  # noqa: E402
from sink import CountingSink, Sink  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--kafka", choices=["mock", "real"], default="mock", help="which Kafka the tests run on")


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("WAYBILL_BUILD", ROOT / "build"))


@pytest.fixture(scope="session")
def host(build):
    """The program of a folder under tests/agent."""
    return lambda situation: build / "hosts" / f"host-{situation}"


@pytest.fixture(scope="session")
def kafka(request, build, tmp_path_factory):
    if request.config.getoption("--kafka") == "real":
        broker = RealBroker(ROOT, tmp_path_factory.mktemp("kafka"))
    else:
        broker = MockBroker(build)
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def wheel(build, tmp_path_factory):
    """A Python with the newest confluent-kafka from PyPI, whose wheel carries its own, renamed librdkafka."""
    python = build / "wheel/bin/python3"
    with open(build / "wheel.lock", "w", encoding="utf-8") as lock:  # ctest may run two folders at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (build / "wheel/complete").exists():
            return python
        subprocess.run(["/usr/bin/python3", "-m", "venv", build / "wheel"], check=True)
        subprocess.run([python, "-m", "pip", "-q", "install", "--only-binary=:all:", "confluent-kafka==2.16.1"], check=True)
        (build / "wheel/complete").touch()
    return python


@pytest.fixture(scope="session")
def pages(root, build):
    return PageTests(root, build)


@pytest.fixture
def sink(build, tmp_path):
    with Sink(build, tmp_path) as running:
        yield running


@pytest.fixture
def counting_sink(build):
    with CountingSink(build) as running:
        yield running


@pytest.fixture
def preload(build, tmp_path):
    with PreloadDoor(build, tmp_path) as door:
        yield door


@pytest.fixture
def plugin(build, tmp_path):
    with PluginDoor(build, tmp_path) as door:
        yield door


@pytest.fixture
def collecting(build, tmp_path):
    with CollectingSide(build, tmp_path) as side:
        yield side


@pytest.fixture(params=["preload", "plugin"])
def door(request):
    """Each test that asks for `door` runs once through each of the doors that need no change of code."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["preload", "wrappers", "borrowed", "scopes"])
def relaying(request, build, tmp_path):
    """A C program under `waybill run`, and a C++ program of each way to use the API: they do the same."""
    if request.param == "preload":
        with PreloadDoor(build, tmp_path) as door:
            yield Relaying(door, [build / "hosts/relay"], sees_polls=True)
        return
    with PluginDoor(build, tmp_path) as door:
        door.host_options = []
        yield Relaying(door, [build / "hosts/api-relay", request.param], sees_polls=request.param != "scopes")
