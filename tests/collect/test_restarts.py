"""`waybill collect` is killed again and again while programs send and receive: nothing is missing, and what is repeated is the same."""

import collections
import contextlib
import random
import time

import pytest
from collecting import Sender, wait_until

KILLS = 12
BATCH = 1024
# What is on its way when the collecting side is killed comes again: a batch, and those that came back since the last round, which
# makes 16,384 spans at most.
MOST_REPEATED = (2 * BATCH + 16_384) * KILLS


def killed_again_and_again(collecting, seed, kills=KILLS):
    """The moments are random, but the same for each seed; the pauses between are no wait for anything."""
    moments = random.Random(seed)
    for _ in range(kills):
        collecting.start()
        time.sleep(moments.uniform(0.0, 0.5))
        collecting.kill()
        time.sleep(moments.uniform(0.0, 0.2))
    collecting.start()


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_missing_when_the_collecting_side_is_killed_at_random(build, kafka, counting_sink, collecting, seed):
    collecting.start()
    with contextlib.ExitStack() as stack:
        hosts = {
            name: stack.enter_context(Sender(build, collecting.runtime, counting_sink.url, kafka.address, kafka.topic(), per_second=1500,
                                             OTEL_SERVICE_NAME=name, OTEL_BSP_MAX_EXPORT_BATCH_SIZE=str(BATCH)))
            for name in ("first", "second")
        }
        collecting.kill()
        killed_again_and_again(collecting, seed)
        sent = {name: host.end() for name, host in hosts.items()}
    wait_until(lambda: not collecting.segments(), "the segments are read and taken away")
    assert collecting.end()[0] == 0
    repeated = 0
    for name, number in sent.items():
        counts = counting_sink.counts(name)
        assert {operation: one["distinct"] for operation, one in counts.items()} == {"send": number, "poll": number}
        assert all(one["unfinished"] == one["errors"] == 0 for one in counts.values())
        repeated += sum(one["repeated"] for one in counts.values())
    assert repeated <= MOST_REPEATED
    assert collecting.files() == []


def test_what_is_repeated_is_the_same(build, kafka, sink, collecting):
    collecting.start()
    with Sender(build, collecting.runtime, sink.url, kafka.address, kafka.topic(), per_second=500) as host:
        collecting.kill()
        # Slow answers, so that batches are on their way when it is killed.
        sink.answer_next(*[{"delay_ms": 50}] * 300)
        killed_again_and_again(collecting, seed=3)
        sent = host.end()
    wait_until(lambda: not collecting.segments(), "the segment is read and taken away")
    copies = collections.defaultdict(list)
    for span in sink.spans():
        copies[span["span_id"]].append(span)
    assert len(copies) == 2 * sent
    assert any(len(spans) > 1 for spans in copies.values())
    for first, *others in copies.values():
        assert all(other == first for other in others)


def test_a_host_at_full_speed_loses_nothing_by_a_kill_that_is_not_counted(build, kafka, counting_sink, collecting):
    collecting.start()
    with Sender(build, collecting.runtime, counting_sink.url, kafka.address, kafka.topic(), per_second=0, OTEL_SERVICE_NAME="sender") as host:
        collecting.kill()
        killed_again_and_again(collecting, seed=4)
        sent = host.end()
    wait_until(lambda: not collecting.segments(), "the segment is read and taken away")
    assert collecting.end()[0] == 0
    books = collecting.books()
    counts = counting_sink.counts("sender")["send"]
    (host_books,) = books["hosts"]
    # The next process finds a full spool and must not throw it at the exporter's queue.
    assert sum(books["exporters"]["dropped"].values()) == 0
    # What had no room in the segment is counted there, by the host; only lost ends are counted by each process anew.
    assert host_books["started"] <= sent
    assert counts["distinct"] + sum(host_books["dropped"].values()) <= sent
    assert counts["distinct"] >= host_books["handed_on"] - host_books["in_flight"]
