"""The two Kafkas that tests run on: librdkafka's mock cluster (waybill broker) and a real broker (bin/kafka)."""

import contextlib
import os
import signal
import subprocess
import uuid

from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic


class MockBroker:
    """The mock cluster makes a topic with four partitions when it is first named."""

    real = False

    def __init__(self, build):
        self._process = subprocess.Popen(
            [build / "bin/waybill", "broker"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.address = self._process.stdout.readline().strip()

    def topic(self, partitions=4):
        assert partitions == 4
        return f"topic-{uuid.uuid4().hex[:8]}"

    def stop(self):
        self._process.terminate()
        self._process.wait(10)
        self._process.stdout.close()


class RealBroker:
    real = True

    def __init__(self, root, directory):
        self._kafka = [root / "bin/kafka"]
        self._directory = directory
        started = subprocess.run([*self._kafka, "start", "--dir", directory], stdout=subprocess.PIPE, text=True, check=True, start_new_session=True)
        self.address = started.stdout.strip()
        self._admin = AdminClient({"bootstrap.servers": self.address})

    def topic(self, partitions=4, name=None, **config):
        name = name or f"topic-{uuid.uuid4().hex[:8]}"
        for result in self._admin.create_topics([NewTopic(name, partitions, 1, config=config)]).values():
            result.result(20)
        return name

    def configure(self, topic, **config):
        """Changes what the topic was made with to this; all else is the broker's default."""
        for result in self._admin.alter_configs([ConfigResource(ConfigResource.Type.TOPIC, topic, config)]).values():
            result.result(20)

    @contextlib.contextmanager
    def paused(self):
        """It answers nobody, as long as the `with` block lasts."""
        pid = int((self._directory / "pid").read_text())
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def stop(self):
        subprocess.run([*self._kafka, "stop", "--dir", self._directory], check=True)
