"""What is to be found of each planted fault, what is found, and the table of both."""

import time
from typing import NamedTuple

from expected import EXPECTED, Expected, Verdict
from servers import way_of

LOSSES = {"never_sent", "aborted", "lost_by_broker", "expired", "skipped", "committed_before_processing"}
NOTHING = Verdict("nothing is known")
PATIENCE_S = 20


class FalseLoss(AssertionError):
    """A message is said to be lost that is not, or not in this way, or of which nobody can know it."""


class Message(NamedTuple):
    """How a test names a message: by its place, or, where it has none, by topic and key."""

    topic: str
    offset: int | None = None
    key: str | None = None


class Findings:
    def __init__(self, servers, rows):
        self._servers = servers
        self._rows = rows

    def check(self, fault, message, group=None, patience=PATIENCE_S, lost=None, others=()):
        """Asks both servers until they say what is expected of this fault. Fails when they do not, and at once when they
        say of it that it is another loss. `lost`: all messages of the topic that share its fate, by offset or key, if
        there are more than this one; where it is a loss, the list of losses is to name these, and `others`, and no more."""
        expected = EXPECTED[fault]
        asking = self._settle(self._servers.asking, message, group, expected.asking, patience)
        alone = self._settle(self._servers.alone, message, group, expected.alone, patience)
        names = set(lost) if lost is not None else {message.key if message.offset is None else message.offset}
        to_list = [losses_of(names, group, wanted) | set(others) for wanted in expected]
        listed = [
            self._settle_losses(server, message.topic, wanted, patience)
            for server, wanted in zip((self._servers.asking, self._servers.alone), to_list)
        ]
        self._rows[fault] = Found(Expected(asking, alone), *(found - set(others) for found in listed))
        for found, wanted in zip((asking, alone), expected):
            if is_false_loss(found, wanted):
                raise FalseLoss(f"{fault}: {found} is not {wanted}")
        assert (asking, alone) == expected
        assert listed == to_list, fault

    def check_healthy(self, topic, offsets, groups):
        """Each of these messages was processed by each of the groups, and both servers find it so."""
        healthy = Verdict("processed", "", "proved")
        for server in (self._servers.asking, self._servers.alone):
            for offset in offsets:
                for group in groups:
                    assert self._settle(server, Message(topic, offset), group, healthy, PATIENCE_S) == healthy
            losses = [loss for loss in server.ask("/loss", topic=topic)["named"] if loss["verdict"]["state"] in LOSSES]
            assert losses == []

    def never_a_loss(self, topic, offsets):
        """Whatever is said of these messages, it is not that one is lost."""
        for server in (self._servers.asking, self._servers.alone):
            for offset in offsets:
                way = look_up(server, Message(topic, offset))
                groups = [group["group"] for group in way["groups"]] if way else []
                states = {verdict_of(way, group).state for group in [None, *groups]}
                assert not states & LOSSES, way

    def _settle_losses(self, server, topic, expected, patience):
        give_up = time.monotonic() + patience
        while True:
            found = listed_losses(server, topic)
            if found == expected or time.monotonic() > give_up:
                return found
            time.sleep(0.2)

    def _settle(self, server, message, group, expected, patience):
        give_up = time.monotonic() + patience
        while True:
            way = look_up(server, message)
            found = verdict_of(way, group)
            if found == expected:
                return found
            if is_false_loss(found, expected) or time.monotonic() > give_up:
                print(way)
                return found
            time.sleep(0.2)


def look_up(server, message):
    if message.offset is not None:
        return way_of(server, topic=message.topic, partition=0, offset=message.offset)
    listed = server.ask("/messages", topic=message.topic, key=message.key)["messages"]
    if not listed:
        return None
    name = listed[0]["message"]
    return way_of(server, trace=name["trace_id"], span=name["span_id"])


class Loss(NamedTuple):
    """One message in the list of losses: its offset, or its key where it has none, and whose loss it is."""

    name: int | str
    group: str | None
    state: str
    cause: str


class Found(NamedTuple):
    verdicts: Expected
    asking: set  # of losses in the list
    alone: set


def losses_of(names, group, verdict):
    return {Loss(name, group, verdict.state, verdict.cause) for name in names} if verdict.state in LOSSES else set()


def listed_losses(server, topic):
    losses = set()
    for loss in server.ask("/loss", topic=topic)["named"]:
        message, verdict = loss["message"], loss["verdict"]
        assert message["topic"] == topic
        if verdict["state"] not in LOSSES:
            continue
        first = message["offset"]
        names = [message["key"]] if first is None else range(first, (loss["last_offset"] or first) + 1)
        losses |= {Loss(name, loss["group"], verdict["state"], verdict["cause"]) for name in names}
    return losses


def is_false_loss(found, expected):
    return found.state in LOSSES and found.state != expected.state


def table_of(rows):
    """Markdown, one row for each fault in the order of what is expected."""
    lines = [
        "| planted | expected, brokers asked | found | in the list of losses | expected of telemetry alone | found | in the list of losses |",
        "|---|---|---|---|---|---|---|",
    ]
    missing = Verdict("not planted")
    pairs = []
    for fault, expected in EXPECTED.items():
        found, *listed = rows.get(fault, Found(Expected(missing, missing), set(), set()))
        cells = [cell for three in zip(expected, found, map(text_of, listed)) for cell in three]
        lines.append("| " + " | ".join(map(str, [fault, *cells])) + " |")
        pairs += zip(found, expected)
    right = sum(found == expected for found, expected in pairs)
    wrong = sum(is_false_loss(found, expected) for found, expected in pairs)
    return "\n".join([*lines, "", f"{right} of {len(pairs)} are found as expected; {wrong} are called a loss without ground.", ""])


def text_of(losses):
    """Which messages the list names: "5–11", "k2"."""
    names = sorted({loss.name for loss in losses}, key=lambda name: (isinstance(name, str), name))
    if len(names) > 1 and names == list(range(names[0], names[-1] + 1)):
        return f"{names[0]}–{names[-1]}"
    return ", ".join(map(str, names)) or "–"


def verdict_of(way, group):
    if way is None:
        return NOTHING
    verdicts = {one["group"]: one["verdict"] for one in way["groups"]}
    if group is not None and group not in verdicts:
        return Verdict("nothing of the group is known")
    verdict = way["verdict"] if group is None else verdicts[group]
    return Verdict(verdict["state"], verdict["cause"], verdict["confidence"])
