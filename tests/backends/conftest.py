"""Fixtures for tests with real back ends and other makers' instrumentation."""

import pytest
from brokers import RealBroker
from pipeline import Pipeline


@pytest.fixture(scope="session")
def real_kafka(root, tmp_path_factory):
    """An Apache Kafka broker, whatever --kafka says: the clients of other languages need one."""
    broker = RealBroker(root, tmp_path_factory.mktemp("kafka"))
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def pipeline(root, build):
    return Pipeline(root, build)
