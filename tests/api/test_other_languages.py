"""The C interface, called from Python."""

import os
import re

import pytest

PROGRAM = """
import ctypes, sys
from confluent_kafka import Consumer, Producer
library, address, topic = sys.argv[1:]
waybill = ctypes.CDLL(library)
put_header = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t)
waybill.waybill_current_headers.restype = ctypes.c_size_t

def current():
    headers = {}
    def put(target, name, value, size):
        headers[name.decode()] = ctypes.string_at(value, size).decode()
    waybill.waybill_current_headers(put_header(put), None)
    return headers

producer = Producer({"bootstrap.servers": address})
producer.produce(topic, b"order")
producer.flush(30)
consumer = Consumer({"bootstrap.servers": address, "group.id": topic, "auto.offset.reset": "earliest"})
consumer.subscribe([topic])
print(current())
message = None
while message is None or message.error():
    message = consumer.poll(1)
print(current())
consumer.close()
print(current())
"""


@pytest.mark.skipif(os.environ.get("WAYBILL_SANITIZE", "") != "", reason="Python itself is built without sanitizers")
def test_python_hands_the_context_on_by_another_way(preload, build, kafka, sink):
    """Under `waybill run`, whose host side the library finds in the process."""
    result = preload.run(sink, "/usr/bin/python3", "-c", PROGRAM, build / "lib/libwaybill.so", kafka.address, kafka.topic())
    assert result.returncode == 0, result.stderr
    before, meanwhile, after = result.stdout.splitlines()
    (processed,) = sink.wait_for(1, operation="process")
    assert before == after == "{}"
    assert re.fullmatch(rf"{{'traceparent': '00-{processed['trace_id']}-{processed['span_id']}-0[13]'}}", meanwhile), meanwhile


TAKES_UP = """
import ctypes, sys
from confluent_kafka import Producer
library, address, topic = sys.argv[1:]
waybill = ctypes.CDLL(library)

class Header(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("value", ctypes.c_char_p), ("size", ctypes.c_size_t)]

class Scope(ctypes.Structure):
    _fields_ = [("ticket", ctypes.c_uint64 * 4)]

waybill.waybill_context_begin.restype = Scope
waybill.waybill_context_begin.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
waybill.waybill_process_end.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]

def begin(headers):
    pairs = [Header(name, value, len(value or b"")) for name, value in headers]
    return waybill.waybill_context_begin((Header * len(pairs))(*pairs), len(pairs))

def end(scope):
    waybill.waybill_process_end(ctypes.byref(scope), None, None)

trace_context = [(b"Accept", b"*/*"), (b"Empty", None), (None, b"nameless"), (b"TraceParent", b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01")]
before_any_client = begin(trace_context)
end(before_any_client)
producer = Producer({"bootstrap.servers": address})
scope = begin(trace_context)
copy = Scope.from_buffer_copy(scope)
producer.produce(topic, b"within")
end(scope)
end(scope)
producer.produce(topic, b"after")
another = begin([(b"traceparent", b"00-" + b"c" * 32 + b"-" + b"d" * 16 + b"-01")])
end(copy)
producer.produce(topic, b"within another")
end(another)
end(begin([]))
waybill.waybill_process_end(None, None, None)
assert not any(waybill.waybill_context_begin(None, 3).ticket)
producer.flush(30)
"""


@pytest.mark.skipif(os.environ.get("WAYBILL_SANITIZE", "") != "", reason="Python itself is built without sanitizers")
def test_python_takes_up_a_context_that_came_by_another_way(preload, build, kafka, sink):
    """And ends a scope twice, a copy of one, and none at all: nothing else ends by that."""
    result = preload.run(sink, "/usr/bin/python3", "-c", TAKES_UP, build / "lib/libwaybill.so", kafka.address, kafka.topic())
    assert result.returncode == 0, result.stderr
    spans = sorted(sink.wait_for(3, operation="send"), key=lambda span: span["start_ns"])
    assert [(span["parent_span_id"], span["trace_id"][0] if span["parent_span_id"] else "") for span in spans] == [
        ("b" * 16, "a"), ("", ""), ("d" * 16, "c"),
    ]  # fmt: skip
    assert len(sink.spans()) == 3  # the context itself has none of ours
