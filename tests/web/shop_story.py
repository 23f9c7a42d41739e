"""Two hours of a shop, as its programs would have told them, for the pictures of the documentation: they are made again and again, and
nobody waits two hours for them.

    shop ─ orders ─┬─ billing ─ payments ─ shipping
                   └─ analytics

Every two seconds somebody orders. The bank becomes slow 25 minutes ago, and better 12 minutes ago: billing is behind, and shipping
waits for it. 18 minutes ago some payments could not be sent.
"""

import hashlib
import json
import random
import time

from waybill_server import text

SECONDS = 7200
EVERY_S = 2.0
PARTITIONS = {"orders": 3, "payments": 1}
BANK_IS_SLOW_S, BANK_IS_BETTER_S, BANK_IS_AS_USUAL_S = -25 * 60, -12 * 60, -9 * 60
NO_PAYMENT_LEAVES_S = (-18 * 60, -18 * 60 + 32)
FIRST_OFFSET = 47_600  # of each partition: there was a time before


def tell_the_story(server):
    """Tells `server` all of it, as of now."""
    story = ShopStory(time.time_ns())
    for service, spans in story.spans.items():
        for first in range(0, len(spans), 1000):
            assert server.send(spans[first : first + 1000], service=service)[0] == 200
    for service, metrics in story.metrics().items():
        resource = {"attributes": [text("service.name", service)]}
        body = {"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"metrics": metrics}]}]}
        assert server.request("/v1/metrics", json.dumps(body).encode(), Content_Type="application/json")[0] == 200


class ShopStory:
    """Times are seconds before now, so they are below zero."""

    def __init__(self, now_ns):
        self._now_ns = now_ns
        self._random = random.Random(7)
        self.spans = {}  # of each service
        self._waiting = {}  # of a group in a topic: when each record came, when it was got, and its partition
        self._sent = {}  # by service, topic and error: when each was answered
        self._next_offset = {}
        self._play()

    def metrics(self):
        """Of each service, every ten seconds: how far it is behind, and how much it has got and sent since the beginning."""
        metrics = {}
        for (group, topic), records in self._waiting.items():
            got = [begins for _, begins, _ in records]
            attributes = [text("messaging.consumer.group.name", group), text("messaging.destination.name", topic)]
            metrics.setdefault(group, []).extend(self._lags_of(group, topic))
            metrics[group].append(self._counter("messaging.client.consumed.messages", got, attributes))
        for (service, topic, error), answers in self._sent.items():
            attributes = [text("messaging.destination.name", topic)] + ([text("error.type", error)] if error else [])
            metrics.setdefault(service, []).append(self._counter("messaging.client.sent.messages", answers, attributes))
        return metrics

    def _play(self):
        orders = [(-SECONDS + EVERY_S * number, f"order {number}") for number in range(int(SECONDS / EVERY_S))]
        sent = [self._send("shop", "orders", at, trace, key=f"customer-{index % 97}") for index, (at, trace) in enumerate(orders)]
        sent = [(order["came_at"], order) for order in sent]
        for order, begins, ends in self._read("analytics", "orders", sent, lambda at: self._about(0.004)):
            self._process("analytics", order, begins, ends)
        payments = []
        for order, begins, ends in self._read("billing", "orders", sent, self._bank):
            process = self._process("billing", order, begins, ends)
            leaves = not NO_PAYMENT_LEAVES_S[0] < ends < NO_PAYMENT_LEAVES_S[1]
            payment = self._send("billing", "payments", ends, order["trace"], key=order["key"], parent=process, leaves=leaves)
            if leaves:
                payments.append((payment["came_at"], payment))
        for payment, begins, ends in self._read("shipping", "payments", payments, lambda at: self._about(0.012)):
            self._process("shipping", payment, begins, ends)

    def _bank(self, at):
        if at < BANK_IS_SLOW_S:
            return self._about(0.06)
        if at < BANK_IS_BETTER_S:
            return self._about(4)
        return self._about(1 if at < BANK_IS_AS_USUAL_S else 2)

    def _about(self, seconds):
        return seconds * self._random.uniform(0.8, 1.2)

    def _read(self, group, topic, records, seconds_at):
        """(record, begin, end) of each that the group's one member has processed by now; it takes them in order."""
        waiting = self._waiting[group, topic] = []
        is_free_at = -SECONDS
        for came_at, record in records:
            begins = max(came_at + self._about(0.003), is_free_at)
            is_free_at = begins + seconds_at(begins)
            waiting.append((came_at, begins, record["partition"]))
            if is_free_at < 0:
                yield record, begins, is_free_at

    def _send(self, service, topic, at, trace, key, parent="", leaves=True):
        """The record that it makes, with what its readers need."""
        partition = self._random.randrange(PARTITIONS[topic])
        own = [
            text("messaging.kafka.message.key", key),
            number("waybill.kafka.acks", -1),
            text("messaging.client.id", f"{service}-out"),
            text("server.address", "kafka-1"),
        ]
        if not leaves:
            lost = [text("error.type", "_MSG_TIMED_OUT"), text("waybill.kafka.persistence", "not_persisted")]
            status = {"code": 2, "message": "Local: Message timed out"}
            self._sent.setdefault((service, topic, "_MSG_TIMED_OUT"), []).append(at + 5)
            self._add(service, "send", topic, at, at + 5, trace, parent, own + lost, status=status)
            return None
        offset = self._next_offset.get((topic, partition), FIRST_OFFSET + 11 * partition)
        self._next_offset[topic, partition] = offset + 1
        queue_s, broker_s = self._about(0.006), self._about(0.004)
        own += [
            text("messaging.destination.partition.id", str(partition)),
            number("messaging.kafka.offset", offset),
            text("waybill.kafka.persistence", "persisted"),
            number("waybill.kafka.queue_time_ms", queue_s * 1e3),
            number("waybill.kafka.broker_time_ms", broker_s * 1e3),
        ]
        came_at = at + queue_s + broker_s
        self._sent.setdefault((service, topic, ""), []).append(came_at)
        span = self._add(service, "send", topic, at, came_at, trace, parent, own)
        return {"topic": topic, "partition": partition, "offset": offset, "trace": trace, "key": key, "span": span, "came_at": came_at}

    def _process(self, group, record, begins, ends):
        own = [
            text("messaging.consumer.group.name", group),
            text("messaging.client.id", f"{group}-in"),
            text("messaging.kafka.message.key", record["key"]),
            text("messaging.destination.partition.id", str(record["partition"])),
            number("messaging.kafka.offset", record["offset"]),
            number("waybill.kafka.record_age_ms", (begins - record["came_at"]) * 1e3),
        ]
        return self._add(group, "process", record["topic"], begins, ends, record["trace"], record["span"], own)

    def _add(self, service, operation, topic, begins, ends, trace, parent, attributes, **more):
        own_id = id_of(16, service, operation, trace)
        every = [text("messaging.system", "kafka"), text("messaging.operation.type", operation), text("messaging.destination.name", topic)]
        span = {
            "traceId": id_of(32, trace), "spanId": own_id, "parentSpanId": parent, "name": f"{operation} {topic}",
            "kind": 4 if operation == "send" else 5, "startTimeUnixNano": self._time(begins), "endTimeUnixNano": self._time(ends),
            "attributes": every + attributes, **more,
        }
        self.spans.setdefault(service, []).append(span)
        return own_id

    def _counter(self, name, moments, attributes):
        since = self._time(-SECONDS - 1)
        points = [
            {"startTimeUnixNano": since, "timeUnixNano": self._time(at), "asInt": str(sum(moment <= at for moment in moments)), "attributes": attributes}
            for at in range(-SECONDS, 1, 10)
        ]
        return {"name": name, "sum": {"aggregationTemporality": 2, "isMonotonic": True, "dataPoints": points}}

    def _lags_of(self, group, topic):
        lag, lag_time = [], []
        for partition in range(PARTITIONS[topic]):
            where = [
                text("messaging.consumer.group.name", group),
                text("messaging.destination.name", topic),
                text("messaging.destination.partition.id", str(partition)),
            ]
            records = [(came, got) for came, got, one in self._waiting[group, topic] if one == partition]
            for at in range(-SECONDS, 1, 10):
                waiting = [came for came, got in records if came <= at < got]
                point = {"timeUnixNano": self._time(at), "attributes": where}
                lag.append(point | {"asDouble": len(waiting)})
                lag_time.append(point | {"asDouble": at - min(waiting, default=at)})
        return [{"name": "kafka.consumer.lag", "gauge": {"dataPoints": lag}}, {"name": "kafka.consumer.lag.time", "gauge": {"dataPoints": lag_time}}]

    def _time(self, seconds):
        return str(self._now_ns + int(seconds * 1e9))


def number(name, value):
    return {"key": name, "value": {"doubleValue": value} if isinstance(value, float) else {"intValue": str(value)}}


def id_of(digits, *words):
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:digits]
