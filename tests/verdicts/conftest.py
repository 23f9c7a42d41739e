"""Faults that are planted against real brokers, and what `waybill server` finds."""

import pytest
from findings import Findings, table_of
from programs import Programs
from servers import Servers


@pytest.fixture(scope="module")
def servers(build, kafka, tmp_path_factory):
    running = Servers(build, tmp_path_factory.mktemp("stores"), kafka.address)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def table(request):
    """What was found of each fault, of all tests together."""
    request.config.found = {}
    return request.config.found


def pytest_terminal_summary(terminalreporter, config):
    if found := getattr(config, "found", None):
        terminalreporter.write(table_of(found))


@pytest.fixture
def programs(build, kafka, servers):
    running = Programs(build, kafka.address, servers)
    yield running
    running.stop()


@pytest.fixture
def findings(servers, table):
    return Findings(servers, table)
