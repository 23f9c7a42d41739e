#!/usr/bin/python3
"""Writes the hand-made scripts of the corpus: one edge of the segment's format each, under a name that says which.

    tests/fuzz/edges.py        # writes tests/fuzz/corpus/segment/edge-*

What the bytes mean is in script.h, hostile_segment.cpp, hostile_records.cpp and hostile_run.cpp.
"""

import pathlib

CORPUS = pathlib.Path(__file__).parent / "corpus/segment"
EDGES = [0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFF8, 0x8000000000000000, 0x7FFFFFFFFFFFFFFF, 0x100000000, 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF,
         0x10000, 0xFFFF, 0xFFF8, 0x8000, 0x2000, 0x1FF8, 0x400, 0x200, 0x100, 1_000_000_000, 61_000_000_000, 1_700_000_000_000, 0x4000,
         0x100000, 0x40000, 0x10008]
LAST = EDGES[0]
TOPIC, TOPIC2, CLIENT, BROKER, ERROR, CLUSTER, CLUSTER2 = range(1, 8)  # sound definitions
HAS_KEY, HAS_HEADERS, LINK, PARENT, CREATION, BATCH = 4, 8, 16, 32, 64, 128


def number(value):
    value &= LAST
    if value < 0x80:
        return bytes([value])
    if value in EDGES:
        return bytes([0x80 + EDGES.index(value)])
    return b"\xff" + value.to_bytes(8, "big")


def numbers(*values):
    return b"".join(number(value) for value in values)


def text(value):
    return bytes([len(value)]) + value


def append(kind, fields, chunk=0, count=0, name_step=0, time_step=0, tail=0, body=b""):
    steps = numbers(name_step, time_step) if count else b""
    return bytes([kind, chunk]) + number(count) + steps + fields + number(max(tail, len(body))) + text(body)


def headers(count, *sizes, left_out=0):
    """What stands before captured headers: their count, and of some the sizes of name and value."""
    entry = b"".join(name.to_bytes(2, "little") + value.to_bytes(2, "little") + b"\3\3" for name, value in sizes)
    return count.to_bytes(2, "little") + left_out.to_bytes(2, "little") + entry


def given(name, value, bits=0):
    """An attribute that the application gave."""
    return len(name).to_bytes(2, "little") + len(value).to_bytes(2, "little") + bytes([bits, 4]) + name + value


def send(message=1, start=100, client=1, profile=CLIENT, topic=TOPIC, bits=1, refusals=0, key=0, tracestate=0, **how):
    context = bytes([1, 2])
    return append(1, numbers(message, start) + context + numbers(client, profile, topic) + bytes([bits, refusals]) + numbers(key, tracestate), **how)


def answer(message=1, end=200, request=150, offset=7, partition=0, client=1, broker=BROKER, error=0, persistence=3, refusals=0, **how):
    return append(2, numbers(message, end, request, offset, partition, client, broker, error) + bytes([persistence, refusals]), **how)


def consume(operation=1, start=100, client=1, profile=CLIENT, kind=2, bits=0, tracestate=0, **how):
    return append(3, numbers(operation, start) + bytes([1, 3]) + numbers(client, profile) + bytes([kind, bits]) + number(tracestate), **how)


def message(operation=1, offset=5, timestamp=0, hand_over=100, client=1, topic=TOPIC, partition=0, bits=CREATION, key=0, tracestate=0, **how):
    return append(4, number(operation) + bytes([9, 8]) + numbers(offset, timestamp, hand_over, client, topic, partition) + bytes([bits])
                  + numbers(key, tracestate), **how)


def single(operation=1, start=100, hand_over=100, offset=5, timestamp=0, client=1, profile=CLIENT, topic=TOPIC, partition=0, kind=2, bits=CREATION | PARENT,
           key=0, tracestate=0, **how):
    return append(23, numbers(operation, start, hand_over) + bytes([1, 3, 9, 8]) + numbers(offset, timestamp, client, profile, topic, partition)
                  + bytes([kind, bits]) + numbers(key, tracestate), **how)


def whole(start=100, end=200, offset=5, client=1, profile=CLIENT, topic=TOPIC, partition=0, error=0, kind=2, outcome=0, left_out=0, links=0, description=0,
          tracestate=0, **how):
    return append(255, numbers(start, end) + bytes([1, 3]) + numbers(offset, client, profile, topic, partition, error) + bytes([kind, outcome])
                  + numbers(left_out, links, description, tracestate), **how)


def consumed(operation=1, end=200, messages=1, client=1, **how):
    return append(5, numbers(operation, end, messages, client), **how)


def closed(time=300, client=1, **how):
    return append(6, numbers(time, client), **how)


def cluster(client=1, cluster=CLUSTER, **how):
    return append(7, numbers(client, cluster), **how)


def raw(kind, said_size, body=b"", wrong_stamp=False, chunk=0):
    return bytes([8, chunk, kind]) + number(said_size) + bytes([0xF0 if wrong_stamp else 0]) + text(body)


def host_page(place, value, wide=True):
    return bytes([9, place // 4]) + number(value) + bytes([1 if wide else 0])


def chunk_state(chunk, value, reader=False, relative=False):
    return bytes([10, chunk * 4 + (2 if relative else 0) + (1 if reader else 0)]) + number(value)


def definition(number_of, kind, size, body, committed=True):
    return bytes([11]) + numbers(number_of, kind, size) + bytes([0 if committed else 0xFF]) + text(body)


def environment(body, place=0):
    return bytes([13]) + number(place) + text(body)


def resize(size):
    return bytes([14]) + number(size)


def punch(place, size):
    return bytes([15]) + numbers(place, size)


KILL, AWAY, BACK, END, ROUND = b"\x10", b"\x12", b"\x13", b"\x14", b"\x16"


def spool(place, body, resize=False):
    return bytes([17, 0xFF if resize else 0]) + number(place) + text(body)


def block_state(block, sequence, used):
    return spool(64 + 16 * block, sequence.to_bytes(8, "little") + used.to_bytes(4, "little"))


def word(value):
    return (value & LAST).to_bytes(8, "little")


MEMORY, FILE, LARGE = b"\x00", b"\x01", b"\x3e"  # where the spool is, and how large
PAIR = send() + answer()
MINUTE_LATER = closed(time=61_000_000_000, client=99)
MANY = 2047

SCRIPTS = {
    "sound-send": FILE + PAIR + ROUND * 3,
    "sound-batch": FILE + consume(bits=BATCH) + message(count=9) + consumed(messages=10) + ROUND * 3,
    "sound-single": FILE + single() + consumed() + single(operation=2, kind=1, bits=CREATION | HAS_KEY, key=5, tracestate=3, tail=8) + ROUND * 3,
    "sound-headers": FILE + send(bits=1 | HAS_HEADERS, body=headers(1, (3, 4), left_out=2) + b"nameval") + answer() + single(
        bits=CREATION | HAS_HEADERS, body=headers(2, (1, 0)) + b"n" + headers(1, (1, 0))[4:] + b"m") + consumed() + ROUND * 3,
    "headers-none": FILE + b"".join(send(bits=1 | HAS_HEADERS, body=body) for body in (b"", b"\0", headers(0), headers(0, left_out=0xFFFF))) + ROUND * 3,
    "headers-too-many": FILE + send(bits=1 | HAS_HEADERS, body=headers(33), tail=4000) + send(bits=1 | HAS_HEADERS, body=headers(0xFFFF), tail=4000) + ROUND * 3,
    "headers-too-long": FILE + b"".join(
        append_one(bits=bits, body=headers(1, sizes) + b"nv", tail=tail)
        for append_one, bits in ((send, 1 | HAS_HEADERS), (message, CREATION | HAS_HEADERS), (single, CREATION | HAS_HEADERS))
        for sizes in ((3, 0xFFFF), (0xFFFF, 3), (0xFFFF, 0xFFFF), (7, 0)) for tail in (0, 64)) + consume() + consumed() + ROUND * 3,
    "attributes": FILE + send(
        bits=1 | HAS_HEADERS, body=headers(5) + given(b"a", b"text") + given(b"b", b"12345678", 4) + given(b"c", b"12345678", 8)
        + given(b"d", b"\1", 16) + given(b"a", b"again")) + answer() + ROUND * 3,
    "attributes-that-are-wrong": FILE + send(
        bits=1 | HAS_HEADERS, body=headers(7) + given(b"a", b"1234567", 4) + given(b"b", b"", 8) + given(b"c", b"12", 16) + given(b"", b"x")
        + given(b"\xff", b"\xff") + given(b"messaging.system", b"x") + given(b"d", b"12345678", 0xFF)) + answer() + ROUND * 3,
    "headers-behind-a-key-that-is-not-there": FILE + send(bits=1 | HAS_HEADERS | HAS_KEY, key=0xFFFF, body=headers(0)) + ROUND * 3,
    "sound-restart": FILE + send(count=9, name_step=1) + ROUND + KILL + answer(count=9, name_step=1, end=400) + ROUND * 3,
    # The host page.
    "magic-gone": MEMORY + host_page(0, 0) + ROUND + END,
    "version-unknown": MEMORY + host_page(8, 3, wide=False) + ROUND,
    "version-of-before": MEMORY + host_page(8, 1, wide=False) + ROUND,
    "chunk-count-lies": MEMORY + host_page(12, 0xFFFF, wide=False) + ROUND,
    "chunk-count-zero": MEMORY + host_page(12, 0, wide=False) + ROUND,
    "segment-size-lies": MEMORY + host_page(16, 0x40000000) + ROUND,
    "segment-size-zero": MEMORY + host_page(16, 0) + ROUND,
    "segment-size-largest": MEMORY + host_page(16, LAST) + ROUND,
    "segment-size-odd": MEMORY + host_page(16, 0x100008) + ROUND,
    "segment-size-lies-later": FILE + ROUND + host_page(16, LAST) + PAIR + ROUND * 3,
    "environment-size-lies": MEMORY + host_page(28, 0xFFFFFFFF, wide=False) + ROUND,
    "environment-size-whole": MEMORY + host_page(28, 0x8000, wide=False) + PAIR + ROUND * 3,
    "pid-negative": MEMORY + host_page(24, 0x80000000, wide=False) + PAIR + ROUND + END,
    "pid-zero": MEMORY + host_page(24, 0, wide=False) + PAIR + ROUND + END,
    "pid-one-start-unknown": MEMORY + host_page(24, 1, wide=False) + host_page(32, 0) + PAIR + ROUND + END,
    "namespace-foreign": MEMORY + host_page(40, LAST) + PAIR + ROUND + END,
    "anchor-monotonic-largest": MEMORY + host_page(48, LAST) + PAIR + consume() + message(timestamp=5) + consumed() + ROUND * 3,
    "anchor-realtime-largest": MEMORY + host_page(56, LAST) + PAIR + consume() + message(timestamp=LAST) + consumed() + ROUND * 3,
    "anchors-both-largest": MEMORY + host_page(48, LAST) + host_page(56, LAST) + PAIR + ROUND * 3,
    "anchors-zero": MEMORY + host_page(48, 0) + host_page(56, 0) + PAIR + ROUND * 3,
    "program-speaks-to-terminals": MEMORY + bytes([12]) + number(64) + text(b"\x1b]0;owned\x07\x1b[2J\n" + b"waybill: all is well") + raw(1, 8, wrong_stamp=True)
                                   + ROUND * 3,
    "program-without-end": MEMORY + bytes([12]) + number(64) + text(b"\xff" * 64) + PAIR + raw(1, 8, wrong_stamp=True) + ROUND * 3,
    "counters-largest": MEMORY + host_page(136, LAST) + host_page(144, LAST) + host_page(152, LAST) + PAIR + ROUND * 3 + END,
    "definitions-used-largest": MEMORY + host_page(128, LAST) + PAIR + ROUND * 3,
    # The environment.
    "environment-of-control-characters": MEMORY + environment(b"OTEL_TRACES_SAMPLER=\x1b[2J\nwaybill: error: no\0WAYBILL_INJECT=\x07\0") + PAIR + ROUND * 3,
    "environment-limits-zero": MEMORY + environment(b"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=0\0OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT=0\0OTEL_SPAN_LINK_COUNT_LIMIT=0\0")
                               + PAIR + consume(bits=BATCH) + message(count=9) + consumed(messages=10) + ROUND * 3,
    "environment-links-without-limit": LARGE + environment(b"OTEL_SPAN_LINK_COUNT_LIMIT=2147483647\0") + AWAY + consume(bits=BATCH)
                                       + b"".join(message(count=600, topic=TOPIC + at % 2, chunk=at) for at in range(8)) + consumed(messages=4808) + ROUND * 4,
    "environment-batches-of-one": MEMORY + environment(b"OTEL_BSP_MAX_EXPORT_BATCH_SIZE=1\0") + send(count=99, name_step=1) + answer(count=99, name_step=1) + ROUND * 3,
    "environment-without-equals": MEMORY + environment(b"OTEL_\0=\0\0=x\0WAYBILL_ENABLED") + PAIR + ROUND * 2,
    "environment-many-attributes": MEMORY + environment(b"OTEL_RESOURCE_ATTRIBUTES=" + b",".join(b"k%d=%%ff" % at for at in range(25)) + b"\0") + PAIR + ROUND * 3,
    # Chunk states.
    "committed-behind-drained": FILE + PAIR + ROUND + chunk_state(0, 8) + ROUND * 2,
    "committed-far-ahead": FILE + chunk_state(0, 0x10008) + ROUND * 2,
    "committed-largest": FILE + chunk_state(0, LAST) + ROUND,
    "committed-largest-aligned": FILE + chunk_state(0, LAST - 7) + ROUND,
    "committed-misaligned": FILE + chunk_state(0, 9) + ROUND,
    "committed-without-records": FILE + chunk_state(0, 0x8000) + ROUND * 2,
    "drained-largest": FILE + chunk_state(0, LAST - 7, reader=True) + chunk_state(0, LAST - 7) + ROUND,
    "drained-and-committed-at-the-end-of-numbers": FILE + chunk_state(0, LAST - 7, reader=True) + chunk_state(0, 0) + ROUND * 2,
    "drained-misaligned": FILE + PAIR + chunk_state(0, 4, reader=True) + ROUND,
    "drained-taken-back": FILE + PAIR + (ROUND + chunk_state(0, 0, reader=True)) * 6 + ROUND,
    "drained-ahead": FILE + PAIR + chunk_state(0, 0x10000, reader=True) + ROUND * 2,
    "all-chunks-again-and-again": FILE + b"".join(send(chunk=at, count=400, name_step=1) for at in range(10))
                                  + (ROUND + b"".join(chunk_state(at, 0, reader=True) for at in range(10))) * 5 + ROUND,
    # Records.
    "stamp-wrong": FILE + PAIR + raw(1, 88, wrong_stamp=True) + ROUND * 2,
    "kind-unknown": FILE + raw(9, 64) + raw(255, 8) + raw(77, 0x1FF8) + PAIR + ROUND * 2,
    "size-zero": FILE + raw(1, 0) + ROUND,
    "size-below-a-header": FILE + raw(1, 4) + ROUND,
    "size-odd": FILE + raw(1, 89) + ROUND,
    "size-largest": FILE + raw(1, 0x2000) + ROUND,
    "size-beyond-largest": FILE + raw(1, 0x2008) + ROUND,
    "size-beyond-committed": FILE + raw(1, 88) + chunk_state(0, 8) + ROUND,
    "size-of-24-bits": FILE + raw(1, 0xFFFFFF) + ROUND,
    "padding-whole-chunk": FILE + raw(0, 0x10000) + PAIR + ROUND * 2,
    "padding-alone": FILE + raw(0, 8) + raw(0, 16) + PAIR + ROUND * 2,
    "fixed-parts-too-short": FILE + b"".join(raw(kind, 8) + raw(kind, 16) for kind in range(1, 9)) + raw(8, 136) + ROUND * 2,
    "fixed-parts-of-ones": FILE + b"".join(raw(kind, 128, b"\xff" * 120) for kind in range(1, 8)) + raw(8, 144, b"\xff" * 136) + ROUND * 3,
    "fixed-parts-of-zeros": FILE + b"".join(raw(kind, 144) for kind in range(1, 9)) + ROUND * 3,
    "tail-beyond-record-send": FILE + send(key=0xFFFF, tracestate=0xFFFF) + answer() + ROUND * 3,
    "tail-beyond-record-link": FILE + send(bits=LINK) + answer() + ROUND * 3,
    "tail-beyond-record-message": FILE + consume() + message(key=0xFFFF, tracestate=0xFFFF) + consumed() + ROUND * 3,
    "tail-beyond-record-consume": FILE + consume(tracestate=0xFFFF) + consumed(messages=0) + ROUND * 3,
    "tail-beyond-record-single": FILE + single(key=0xFFFF, tracestate=0xFFFF) + single(operation=2, tracestate=8, kind=1) + consumed() + ROUND * 3,
    "tail-just-fits": FILE + send(key=0x400, tracestate=0x200, bits=HAS_KEY | LINK, tail=0x400 + 0x200 + 32) + answer() + ROUND * 3,
    "tail-one-short": FILE + send(key=0x400, tracestate=0x200, bits=HAS_KEY | LINK, tail=0x400 + 0x200 + 24) + answer() + ROUND * 3,
    # Definitions.
    "definitions-out-of-range": FILE + send(profile=LAST, topic=0x7FFFFFFF) + answer(broker=0x8000, error=0x7FFF) + cluster(cluster=LAST) + ROUND * 3,
    "definitions-of-other-kinds": FILE + send(profile=TOPIC, topic=CLIENT) + answer(broker=ERROR, error=BROKER) + cluster(cluster=TOPIC) + ROUND * 3,
    "definition-size-lies": FILE + definition(TOPIC, 1, 0xFFFF, b"x") + PAIR + ROUND * 3,
    "definition-at-the-end": FILE + definition(0x7FFF, 1, 8, b"x") + send(topic=0x7FFF) + answer() + ROUND * 3,
    "definition-not-committed": FILE + definition(TOPIC, 1, 1, b"x", committed=False) + PAIR + ROUND * 3,
    "definition-changes": FILE + PAIR + ROUND * 2 + definition(TOPIC, 1, 2, b"\xff\x1b") + send(message=2, start=300) + answer(message=2, end=400) + ROUND * 3,
    "definition-not-text": FILE + definition(TOPIC, 1, 60, b"\xf0\x9f" * 30) + definition(ERROR, 4, 60, b"\xff\0" * 30) + send() + answer(error=ERROR) + ROUND * 3,
    "definition-error-without-description": FILE + definition(ERROR, 4, 5, b"error") + send() + answer(error=ERROR) + ROUND * 3,
    "definition-client-of-separators": FILE + definition(CLIENT, 2, 60, b"\0" * 60) + PAIR + ROUND * 3,
    "definition-server-strange": FILE + definition(BROKER, 3, 6, b"[[]::]") + definition(CLIENT, 2, 30, b"producer\0\0\0[\0://:99999999999999999") + PAIR + ROUND * 3,
    "definition-overlaps": FILE + definition(40, 1, 40, b"\x46\x44\x42\x57" * 10) + send(topic=41) + answer() + send(topic=42, message=2) + answer(message=2) + ROUND * 3,
    # Sends.
    "times-zero": FILE + send(start=0) + answer(end=0, request=0) + ROUND * 3,
    "times-largest": FILE + send(start=LAST) + answer(end=LAST, request=LAST) + ROUND * 3,
    "time-largest-then-sound": FILE + closed(time=LAST, client=77) + ROUND * 2 + PAIR + ROUND * 3,
    "end-before-start": FILE + send(start=500) + answer(end=100) + ROUND * 3,
    "ends-without-starts": FILE + answer(count=MANY, name_step=1) + ROUND * 3,
    "starts-without-ends": FILE + send(count=MANY, name_step=1, time_step=1) + ROUND * 3,
    "one-address-forward": FILE + send(count=MANY, time_step=2) + answer(count=MANY, end=101, time_step=2) + ROUND * 3,
    "one-address-backward": FILE + LARGE[:0] + send(count=MANY, start=0x100000, time_step=-2) + answer(count=MANY, end=101, time_step=2) + ROUND * 3,
    "one-address-too-early-ends": LARGE + send(count=MANY, start=0x40000, time_step=1) + closed(time=0x100000) + answer(count=MANY, end=1, time_step=1, chunk=1) + ROUND * 3,
    "one-address-one-time": FILE + send(count=MANY) + answer(count=MANY) + ROUND * 3,
    "clients-differ": FILE + send(client=1) + answer(client=2) + ROUND * 3,
    "refusals-differ": FILE + send(refusals=1) + answer(refusals=2) + ROUND * 3,
    "shapes-without-end": LARGE + AWAY + b"".join(
        send(count=600, message=0x10000 * at, name_step=1, client=at, chunk=at) + answer(count=600, message=0x10000 * at, name_step=1, client=at, partition=at, chunk=at)
        for at in range(6)) + ROUND * 3,
    "offsets-invented-everywhere": LARGE + b"".join(
        send(count=300, message=1 + 400 * at, name_step=1, topic=at, client=at) + answer(count=300, message=1 + 400 * at, name_step=1, offset=LAST, client=at)
        for at in range(9)) + ROUND * 3,
    # Receive and process operations.
    "operation-of-a-million": FILE + consume() + message(count=MANY) + consumed(messages=0xFFFFFFFF) + ROUND * 4,
    "operation-of-many-in-many-chunks": LARGE + consume(bits=BATCH) + b"".join(message(count=600, chunk=at) for at in range(10)) + consumed(messages=6010) + ROUND * 4,
    "operation-twice": FILE + consume() + consume() + message() + consumed() + consumed() + ROUND * 3,
    "sound-whole": FILE + whole(kind=1, outcome=1) + whole(links=2, description=3, tracestate=3, error=ERROR, tail=70) + ROUND * 3,
    "whole-kind-unknown": FILE + whole(kind=0) + whole(kind=255) + whole(kind=1, outcome=255) + ROUND * 3,
    "whole-links-too-many": FILE + whole(links=128, tail=4096) + whole(links=129, tail=0x1000) + whole(links=0xFFFF, tail=0x1000) + ROUND * 3,
    "whole-texts-too-long": FILE + whole(description=0xFFFF, tail=8) + whole(tracestate=0xFFFF, tail=8) + whole(links=1, tail=24) + ROUND * 3,
    "whole-times-largest": FILE + whole(start=LAST, end=1) + whole(start=1, end=LAST) + whole(left_out=LAST, offset=LAST, partition=LAST) + ROUND * 3,
    "whole-floods": LARGE + AWAY + whole(count=MANY, time_step=1) + whole(count=MANY, chunk=1) + ROUND * 4,
    "single-twice": FILE + single() + single() + consumed() + single(operation=2, kind=1) + single(operation=2, kind=1) + ROUND * 3,
    "single-and-in-parts": FILE + single() + consume() + message(count=9) + consumed(messages=10) + consume(operation=2) + single(operation=2) + ROUND * 4,
    "single-after-many-messages": LARGE + AWAY + b"".join(message(count=MANY, chunk=at) for at in range(9)) + single() + consumed(messages=1) + ROUND * 4,
    "single-receive-with-an-end": FILE + consumed() + single(kind=1) + ROUND + single(operation=2, kind=1) + consumed(operation=2) + ROUND * 4,
    "single-ends-first": FILE + consumed() + ROUND + single() + ROUND * 3,
    "single-ends-before-it-starts": FILE + single(start=500, hand_over=1) + consumed(end=1) + single(operation=2, start=500, hand_over=1, kind=1) + ROUND * 3,
    "single-without-its-parent": FILE + single(bits=PARENT) + consumed() + single(operation=2, bits=PARENT, kind=1) + ROUND * 3,
    "single-kind-unknown": FILE + single(kind=0) + consumed() + single(operation=2, kind=255, bits=0xFF) + consumed(operation=2) + ROUND * 3,
    "single-times-largest": FILE + single(start=LAST, hand_over=LAST, timestamp=LAST) + consumed(end=LAST) + single(operation=2, kind=1, hand_over=LAST) + ROUND * 4,
    "singles-without-ends": FILE + single(count=MANY, name_step=1, time_step=1) + ROUND * 3,
    "operation-zero": FILE + consume(operation=0) + message(operation=0) + consumed(operation=0) + ROUND * 3,
    "operation-kind-unknown": FILE + consume(kind=0) + consumed(messages=0) + consume(operation=2, kind=255) + consumed(operation=2) + ROUND * 3,
    "operation-again-after-its-end": FILE + (consume() + message() + consumed() + ROUND * 2) * 3,
    "operation-ends-first-and-is-forgotten": FILE + consumed() + ROUND + MINUTE_LATER + ROUND + consume() + ROUND * 3,
    "messages-of-no-operation": FILE + message(count=MANY, name_step=1) + ROUND * 2 + MINUTE_LATER + ROUND * 3,
    "ends-of-no-operation": FILE + consumed(count=MANY, name_step=1) + ROUND * 4,
    "operation-without-messages": FILE + consume() + consumed(messages=5) + ROUND * 4,
    "operation-hand-over-largest": FILE + consume() + message(hand_over=LAST, timestamp=1) + consumed() + ROUND * 3,
    "operation-ends-before-it-starts": FILE + consume(start=500) + message() + consumed(end=1) + ROUND * 3,
    "operation-timestamps": FILE + consume(bits=BATCH) + message(timestamp=0x7FFFFFFFFFFFFFFF) + message(timestamp=0x8000000000000000) + consumed(messages=2) + ROUND * 3,
    # Clients.
    "closed-twice": FILE + send() + closed() + closed() + ROUND * 4,
    "closed-again-and-again": FILE + send(count=600, name_step=1) + closed(count=MANY, chunk=1) + ROUND * 4,
    "closed-a-million-clients": FILE + send(count=600, name_step=1) + closed(count=MANY, time_step=1, chunk=1) + ROUND * 4,
    "closed-in-the-future": FILE + send() + closed(time=LAST) + ROUND * 4,
    "closed-before-everything": FILE + send() + closed(time=0) + ROUND * 4,
    "clusters-of-many-clients": LARGE + b"".join(cluster(count=MANY, client=MANY * at, name_step=1, chunk=at, tail=8) for at in range(10)) + ROUND * 3 + closed() + ROUND * 3,
    "cluster-told-again-and-again": FILE + cluster(count=MANY) + ROUND * 2 + closed() + ROUND * 3,
    "cluster-changes-with-every-span": LARGE + AWAY + b"".join(
        cluster(cluster=CLUSTER + at % 2) + send(message=at) + answer(message=at, end=200) + ROUND for at in range(12)) + ROUND * 3,
    "profiles-of-many-clients": LARGE + b"".join(
        send(count=600, message=1000 * at, name_step=1, profile=at, chunk=at) + closed(client=1, chunk=at) for at in range(10)) + ROUND * 4,
    # The file.
    "file-cut-off": FILE + PAIR + ROUND + resize(0) + ROUND * 2 + END,
    "file-cut-off-in-the-head": FILE + PAIR + resize(0x2000) + ROUND * 2 + END,
    "file-cut-off-before-the-chunks": FILE + PAIR + resize(0x40000) + ROUND * 2 + END,
    "file-cut-off-and-long-again": FILE + PAIR + ROUND + resize(0x2000) + resize(0x100000) + ROUND * 2 + PAIR + ROUND * 2,
    "file-cut-off-before-it-is-opened": FILE + resize(0x8000) + ROUND + resize(0x100000) + ROUND,
    "file-longer": FILE + resize(0x400000) + PAIR + ROUND * 3,
    "file-sparse": FILE + PAIR + punch(0x2000, 0x100000) + ROUND * 2,
    "file-of-holes": FILE + ROUND + PAIR + punch(0, 0x400000) + ROUND * 2 + END,
    "file-loses-its-definitions": FILE + PAIR + ROUND + punch(0x4000, 0x40000) + ROUND * 3,
    # The receiver is away, and the collecting process is killed.
    "receiver-away": FILE + AWAY + (send(count=600, name_step=1) + answer(count=600, name_step=1) + ROUND) * 6 + BACK + ROUND * 3,
    "receiver-away-at-the-end": FILE + AWAY + send(count=600, name_step=1) + answer(count=600, name_step=1) + ROUND * 3 + END * 3 + BACK + END * 2,
    "spool-full": FILE + b"".join(send(chunk=at, count=700, message=1000 * at, name_step=1) for at in range(10)) + ROUND * 4 + END * 4,
    "killed-again-and-again": FILE + (send(count=50, name_step=1) + ROUND + KILL) * 5 + answer(count=50, name_step=1, end=400) + ROUND * 3,
    "records-move-again-and-again": FILE + (send(count=90, message=1, name_step=1, client=5) + send(count=600, name_step=1) + answer(count=600, name_step=1) + ROUND * 2) * 14,
    # A spool that an earlier process left.
    "spool-of-ones": FILE + spool(0, b"\xff" * 255) + PAIR + ROUND * 3,
    "spool-of-another-size": FILE + spool(0x10008, b"", resize=True) + PAIR + ROUND * 3,
    "spool-sequence-largest": FILE + send() + ROUND + block_state(0, LAST, 88) + ROUND * 3,
    "spool-sequence-twice": FILE + send() + ROUND + block_state(1, 1, 88) + ROUND * 3,
    "spool-sequence-far": FILE + send() + ROUND + block_state(0, 1 << 40, 88) + block_state(1, 1, 88) + ROUND * 3,
    "spool-sequence-at-its-limit": FILE + send() + ROUND + block_state(0, 1 << 40, 88) + ROUND * 3 + PAIR + ROUND * 3,
    "spool-used-too-large": FILE + send() + ROUND + block_state(0, 1, 0x10008) + ROUND * 3,
    "spool-used-odd": FILE + send() + ROUND + block_state(0, 1, 87) + ROUND * 3,
    "spool-block-of-zeros": FILE + send() + ROUND + block_state(1, 2, 0x10000) + ROUND * 3,
    "spool-record-size-lies": FILE + send(count=5) + ROUND + spool(0x1000 + 88, b"\x01\xff\xff\xff") + ROUND * 3,
    "spool-step-lies": FILE + PAIR + ROUND + spool(16, word(1) + b"\x98\0\0\0\xff\xff\xff\xff" + word(LAST)) + ROUND * 3,
    "spool-step-far": FILE + PAIR + ROUND + spool(16, word(1) + b"\x98\0\0\0\0\0\0\0" + word(0x10000)) + ROUND * 3,
    "spool-move-lies": FILE + send(count=900, name_step=1) + ROUND + spool(40, word(1) + word(2) + b"\x01\0\0\0") + ROUND * 3,
    "spool-move-of-itself": FILE + send(count=900, name_step=1) + ROUND + spool(40, word(1) + word(1) + b"\0\0\0\0") + ROUND * 3,
}


def main():
    for old in CORPUS.glob("edge-*"):
        old.unlink()
    for name, script in SCRIPTS.items():
        (CORPUS / f"edge-{name}").write_bytes(script)
    print(f"{len(SCRIPTS)} scripts, the largest of {max(map(len, SCRIPTS.values()))} bytes")


if __name__ == "__main__":
    main()
