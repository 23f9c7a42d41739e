"""Lag as receivers of metrics get it: a preloaded consumer, a real broker, OTLP and a page for Prometheus at once."""

import pathlib
import re
import subprocess
import urllib.request

import pytest
from brokers import MockBroker
from doors import environment
from test_lag import Log, commit, new_group, send, transactions, wait_until

CONSUMER = pathlib.Path(__file__).with_name("slow_consumer.py")


class SlowConsumer:
    """slow_consumer.py with libwaybill-preload.so, in the background."""

    def __init__(self, build, collecting, address, group, topic):
        self._process = subprocess.Popen(
            ["/usr/bin/python3", CONSUMER, address, group, topic],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=environment(
                None, LD_PRELOAD=str(build / "lib/libwaybill-preload.so"), WAYBILL_RUNTIME_DIR=str(collecting.runtime),
                OTEL_SERVICE_NAME="shop",
            ),
        )
        self.pid = self._process.pid

    def tell(self, command):
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    def close(self):
        self._process.kill()
        self._process.communicate(timeout=30)


class Receivers:
    """What the collecting process tells: to an OTLP receiver, and on its page."""

    def __init__(self, sink, collecting):
        self._sink = sink
        self._page = re.search(r"http://\S+/metrics", collecting.said_at_start)[0]

    def all(self, group, name="kafka.consumer.lag", service="shop"):
        points = self._sink.points(name, messaging__consumer__group__name=group)
        return [point for point in points if point["resource"]["service.name"] == service]

    def exports(self, service):
        """How often a service's metrics have come."""
        own = "waybill.segment.size" if service == "shop" else "waybill.programs"
        return sum(point["resource"]["service.name"] == service for point in self._sink.points(own))

    def next(self, group, name="kafka.consumer.lag", service="shop"):
        """The points of exports that begin after now."""
        self._wait_for_exports(service)  # what is on its way has come by then
        known = len(self.all(group, name, service))
        self._wait_for_exports(service)
        return self.all(group, name, service)[known:]

    def _wait_for_exports(self, service):
        before = self.exports(service)
        wait_until(lambda: self.exports(service) >= before + 2)

    def last(self, group, name="kafka.consumer.lag", service="shop"):
        points = self.next(group, name, service)
        return points[-1] if points else None

    def wait_for(self, group, value, name="kafka.consumer.lag", service="shop"):
        wait_until(lambda: (point := self.last(group, name, service)) is not None and point["value"] == value)
        return self.last(group, name, service)

    def page(self, group, name="kafka_consumer_lag"):
        """Maps (job, topic, partition) to the value."""
        with urllib.request.urlopen(self._page, timeout=20) as answer:
            lines = answer.read().decode().splitlines()
        found = {}
        for line in lines:
            labels = dict(re.findall(r'(\w+)="([^"]*)"', line))
            if line.startswith(name + "{") and labels["messaging_consumer_group_name"] == group:
                at = labels["job"], labels["messaging_destination_name"], int(labels["messaging_destination_partition_id"])
                found[at] = float(line.rsplit(" ", 1)[1])
        return found


@pytest.fixture
def receivers(collecting, sink):
    def start(**variables):
        collecting.start(
            OTEL_METRICS_EXPORTER="otlp,prometheus", OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, OTEL_EXPORTER_PROMETHEUS_PORT="0",
            OTEL_METRIC_EXPORT_INTERVAL="200", WAYBILL_LAG_INTERVAL="1000", **variables,
        )
        return Receivers(sink, collecting)

    return start


@pytest.fixture
def consumer(build, collecting, kafka):
    started = []

    def start(group, topic, address=None):
        started.append(SlowConsumer(build, collecting, address or kafka.address, group, topic))
        return started[-1]

    yield start
    for one in started:
        one.close()


def truth(kafka, topic, position):
    """What a reader of the whole log finds before a position."""
    return [milliseconds for offset, milliseconds in Log(kafka, topic).records() if offset >= position]


@pytest.mark.parametrize("preference", ["cumulative", "delta"])
def test_lag_is_exact_where_the_brokers_are_asked(receivers, consumer, kafka, preference):
    told = receivers(OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=preference)
    topic, group = kafka.topic(1), new_group()
    send(kafka, topic, 30)
    transactions(kafka, topic, [True, False, True])
    slow = consumer(group, topic)
    slow.tell("read 20")
    unread = truth(kafka, topic, 20)
    assert len(unread) == 16
    point = told.wait_for(group, len(unread))
    assert (point["kind"], point["unit"]) == ("gauge", "{message}")
    assert point["attributes"] == {
        "messaging.system": "kafka", "messaging.consumer.group.name": group,
        "messaging.destination.name": topic, "messaging.destination.partition.id": "0",
    }
    age = told.last(group, "kafka.consumer.lag.time")
    assert (age["kind"], age["unit"]) == ("gauge", "s")
    assert age["value"] == pytest.approx(age["time_ns"] / 1e9 - unread[0] / 1e3, abs=0.001)
    assert told.page(group) == {("shop", topic, 0): len(unread)}
    assert told.page(group, "kafka_consumer_lag_time_seconds")[("shop", topic, 0)] >= age["value"] - 0.001
    assert told.last(group, "waybill.lag.watermark.age") is None, "it is no bound"
    assert told.page(group, "waybill_lag_watermark_age_seconds") == {}

    slow.tell("read 16")
    told.wait_for(group, 0)
    assert told.page(group) == {("shop", topic, 0): 0}, "behind the marker of a transaction nothing is missing"
    send(kafka, topic, 7)
    told.wait_for(group, 7)


def test_a_paused_consumer_is_as_far_behind_as_the_log_grows(receivers, consumer, kafka):
    told = receivers()
    topic, group = kafka.topic(1), new_group()
    send(kafka, topic, 10)
    consumer(group, topic).tell("read 4")
    told.wait_for(group, 6)
    send(kafka, topic, 300)
    told.wait_for(group, len(truth(kafka, topic, 4)))


def test_without_a_question_lag_is_a_marked_bound_that_is_never_above_the_truth(receivers, consumer, kafka):
    told = receivers(WAYBILL_LAG_QUERY="off")
    topic, group = kafka.topic(1), new_group()
    send(kafka, topic, 100)
    slow = consumer(group, topic)
    slow.tell("read 40")
    point = told.last(group)
    assert 0 < point["value"] <= len(truth(kafka, topic, 40)) == 60
    assert told.last(group, "waybill.lag.watermark.age")["value"] > 0
    assert told.page(group, "waybill_lag_watermark_age_seconds")[("shop", topic, 0)] > 0
    send(kafka, topic, 500)
    assert told.page(group)[("shop", topic, 0)] <= 560
    assert all(one["value"] <= 100 for one in told.all(group)), "it knows nothing of what was sent since it fetched"


@pytest.mark.parametrize("outcomes", [[True], [False, True], [True, False, False]])
def test_behind_markers_the_bound_is_not_above_the_truth(receivers, consumer, kafka, outcomes):
    told = receivers(WAYBILL_LAG_QUERY="off")
    topic, group = kafka.topic(1), new_group()
    transactions(kafka, topic, outcomes)
    send(kafka, topic, 1)
    transactions(kafka, topic, outcomes)
    slow = consumer(group, topic)
    slow.tell(f"read {len(truth(kafka, topic, 0))}")
    assert [point["value"] for point in told.next(group) if point["value"] != 0] == []
    slow.tell("idle 3")
    point = told.wait_for(group, 0)
    assert told.page(group) == {("shop", topic, 0): 0}
    assert point["kind"] == "gauge"


def test_groups_of_other_programs_are_told_where_that_is_wished_for(receivers, consumer, kafka):
    told = receivers(WAYBILL_LAG_QUERY="on")
    topic, group, other = kafka.topic(1), new_group(), new_group()
    send(kafka, topic, 10)
    commit(kafka, other, topic, 3)
    consumer(group, topic).tell("read 4")
    told.wait_for(group, 6)
    told.wait_for(other, len(truth(kafka, topic, 3)), service="waybill")
    assert told.page(other) == {("waybill", topic, 0): 7}
    assert told.page(group) == {("shop", topic, 0): 6}
    assert told.last(group, service="waybill") is None


def test_groups_of_other_programs_are_nobodys_business_else(receivers, consumer, kafka):
    told = receivers()
    topic, group, other = kafka.topic(1), new_group(), new_group()
    send(kafka, topic, 10)
    commit(kafka, other, topic, 3)
    consumer(group, topic).tell("read 4")
    told.wait_for(group, 6)
    assert told.last(other, service="waybill") is None
    assert told.page(other) == {}


@pytest.mark.parametrize("query", ["auto", "off"])
@pytest.mark.parametrize("farewell", ["leave", "end"])
def test_a_consumer_that_has_gone_leaves_no_series(receivers, consumer, kafka, query, farewell):
    told = receivers(WAYBILL_LAG_QUERY=query)
    topic, stays, group = kafka.topic(1), new_group(), new_group()
    send(kafka, topic, 100)
    consumer(stays, topic).tell("read 40")
    slow = consumer(group, topic)
    slow.tell("read 40")
    wait_until(lambda: told.page(group) and told.page(stays))
    slow.tell(farewell)
    wait_until(lambda: told.page(group) == {})
    assert told.next(group) == []
    assert told.next(stays) != []


def threads_of(pid):
    return {path.read_text().strip() for path in pathlib.Path(f"/proc/{pid}/task").glob("*/comm")}


@pytest.mark.parametrize("exporter", ["none", "otlp"])
def test_nobody_is_asked_for_metrics_that_go_nowhere(collecting, sink, consumer, kafka, exporter):
    collecting.start(OTEL_METRICS_EXPORTER=exporter, OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, WAYBILL_LAG_QUERY="on")
    topic, group = kafka.topic(1), new_group()
    send(kafka, topic, 30)
    consumer(group, topic).tell("read 30")
    sink.wait_for(29, operation="process")
    if exporter == "otlp":
        wait_until(lambda: any(name.startswith("rdk:") for name in threads_of(collecting.process.pid)))
    else:
        assert not any(name.startswith(("rdk:", "waybill:lag")) for name in threads_of(collecting.process.pid))


def test_the_collecting_process_does_not_observe_itself(build, receivers, consumer, collecting, sink, kafka):
    told = receivers(
        WAYBILL_LAG_QUERY="on", LD_PRELOAD=str(build / "lib/libwaybill-preload.so"), WAYBILL_RUNTIME_DIR=str(collecting.runtime)
    )
    topic, group = kafka.topic(1), new_group()
    send(kafka, topic, 10)
    slow = consumer(group, topic)
    slow.tell("read 4")
    told.wait_for(group, 6)
    sink.wait_for(3, operation="process")
    assert len(collecting.segments()) == 1
    assert {span["resource"]["process.pid"] for span in sink.spans()} == {slow.pid}
    consumed = sink.points("messaging.client.consumed.messages")
    assert {point["resource"]["process.pid"] for point in consumed} == {slow.pid}


def test_a_broker_that_went_away_neither_holds_up_the_end_nor_makes_noise(build, receivers, consumer, collecting):
    broker = MockBroker(build)
    told = receivers()
    topic, group = broker.topic(), new_group()
    send(broker, topic, 10)
    consumer(group, topic, broker.address).tell("read 4")
    told.wait_for(group, 6)
    broker.stop()
    # Three intervals later the answer is too old, and the consumer's own knowledge counts.
    wait_until(lambda: told.last(group, "waybill.lag.watermark.age") is not None or told.last(group) is None)
    assert collecting.end() == (0, "")
