"""Three brokers and a controller apart, on the same jars as bin/kafka; each broker can be stopped in every way."""

import base64
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time
import uuid

from confluent_kafka.admin import AdminClient, NewTopic

CACHE = pathlib.Path(os.environ.get("WAYBILL_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "waybill").expanduser())
JAVA = [
    "java", "-Xms32m", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=48m", "-Xss512k",
]  # fmt: skip

COMMON = """
controller.quorum.bootstrap.servers={controller}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={directory}/data
auto.create.topics.enable=false
"""

CONTROLLER = """
process.roles=controller
node.id=100
listeners=CONTROLLER://{controller}
broker.session.timeout.ms=6000
"""

# A follower that is paused for a moment stays in sync as far as the controller knows.
BROKER = """
process.roles=broker
node.id={node}
listeners=PLAINTEXT://{address}
replica.lag.time.max.ms=15000
replica.fetch.wait.max.ms=500
broker.heartbeat.interval.ms=500
offsets.topic.replication.factor=3
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=2097152
log.index.size.max.bytes=1048576
num.network.threads=2
num.io.threads=2
"""


CLUSTER_ID = "d2F5YmlsbC10ZXN0cy1jbA"


class Node:
    def __init__(self, properties, directory):
        self._directory = directory
        self._libs = next(CACHE.glob("kafka-*/libs"))
        self._properties = directory / "server.properties"
        directory.mkdir()
        self._properties.write_text(properties, encoding="utf-8")
        self._process = None
        self._starts = 0

    def format(self, *options):
        """Begins to; returns the process."""
        return self._java("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", self._properties, *options, log="format")

    def format_like(self, first, number):
        """The same without a JVM, which takes seconds: only the ids differ."""
        shutil.copytree(first._directory / "data", self._directory / "data")
        properties = self._directory / "data/meta.properties"
        text = re.sub("node.id=.*", f"node.id={number}", properties.read_text(encoding="utf-8"))
        text = re.sub("directory.id=.*", f"directory.id={new_id()}", text)
        properties.write_text(text, encoding="utf-8")

    def start(self):
        self._starts += 1
        self._process = self._java("kafka.Kafka", self._properties, log=f"log-{self._starts}")

    def wait_until_ready(self):
        log = self._directory / f"log-{self._starts}"
        wait_until(lambda: self._has_started(log), f"{log} says that it has started")

    def _has_started(self, log):
        text = log.read_text(encoding="utf-8")
        assert self._process.poll() is None, text[-4000:]
        return "Kafka Server started" in text

    def pause(self):
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self._process.send_signal(signal.SIGCONT)

    def end(self, number=signal.SIGTERM):
        """Ends it by this signal, and waits for that."""
        if self._process is not None:
            self.go_on()
            self._process.send_signal(number)
            self._process.wait(60)
            self._process = None

    def cut_out(self, topic, offset):
        """Takes the batch that begins at this offset out of the file of partition 0, as a disk or a bug may. The broker must not
        run, and must have ended in good order: else it looks at its files when it starts."""
        file = self._directory / f"data/{topic}-0/{0:020}.log"
        log = file.read_bytes()
        at = 0
        while int.from_bytes(log[at : at + 8], "big") != offset:
            at += batch_size(log, at)
        file.write_bytes(log[:at] + log[at + batch_size(log, at) :])

    def _java(self, *arguments, log):
        with open(self._directory / log, "wb") as output:
            command = [*JAVA, f"-Dlog4j2.configurationFile={self._libs.parent}/log4j2.xml", "-cp", f"{self._libs}/*", *map(str, arguments)]
            return subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env={**os.environ, "MALLOC_ARENA_MAX": "2"}, start_new_session=True
            )


class Cluster:
    """`brokers` are the nodes 1 to 3 by their numbers."""

    def __init__(self, root, directory):
        subprocess.run([root / "bin/kafka", "install"], check=True)
        # Each has an address of its own, where no outgoing connection takes its port while it is down.
        network = f"127.{os.getpid() % 250 + 2}.{uuid.uuid4().int % 250 + 2}"
        addresses = {node: f"{network}.{node}:{free_port(f'{network}.{node}')}" for node in (1, 2, 3, 100)}
        controller = addresses.pop(100)
        self.address = ",".join(addresses.values())
        self._controller = Node((COMMON + CONTROLLER).format(controller=controller, directory=directory / "100"), directory / "100")
        self.brokers = {
            node: Node((COMMON + BROKER).format(controller=controller, node=node, address=address, directory=directory / str(node)), directory / str(node))
            for node, address in addresses.items()
        }
        self._admin = AdminClient({"bootstrap.servers": self.address, "log_level": 0})
        self._format()

    def __enter__(self):
        try:
            for node in (self._controller, *self.brokers.values()):
                node.start()
            for node in self.brokers.values():
                node.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def _format(self):
        first, *others = self.brokers.values()
        formatting = [self._controller.format("--standalone"), first.format("--no-initial-controllers")]
        assert [process.wait(300) for process in formatting] == [0, 0]
        for node, other in enumerate(others, 2):
            other.format_like(first, node)

    def topic(self, leader, followers=None, **config):
        """Of one partition, led by this node; the others follow it if nothing else is said."""
        name = f"topic-{uuid.uuid4().hex[:8]}"
        if followers is None:
            followers = [node for node in self.brokers if node != leader]
        topic = NewTopic(name, 1, replica_assignment=[[leader, *followers]], config=config)
        for result in self._admin.create_topics([topic]).values():
            result.result(60)
        wait_until(lambda: self.in_sync(name) == {leader, *followers}, f"{name} is there")
        return name

    def in_sync(self, topic):
        """The nodes whose replicas are in sync; none: the topic is not known yet."""
        partition = self._partition(topic)
        return set(partition.isrs) if partition else set()

    def leader(self, topic):
        """-1: there is none."""
        partition = self._partition(topic)
        return partition.leader if partition else -1

    def _partition(self, topic):
        return self._admin.list_topics(topic, timeout=30).topics[topic].partitions.get(0)

    def stop(self):
        for node in (*self.brokers.values(), self._controller):
            node.end(signal.SIGKILL)


def batch_size(log, at):
    """Of the batch that begins there: its length stands behind its offset."""
    return 12 + int.from_bytes(log[at + 8 : at + 12], "big")


def new_id():
    """As Kafka writes its ids."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def free_port(host):
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def wait_until(condition, what, seconds=180):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"not within {seconds} s: {what}"
        time.sleep(0.1)
