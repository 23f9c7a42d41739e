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
