"""Calls Debian's librdkafka through an extension that leaves by jumps, while the wheel's own is in use.

    jumps.py BROKERS TOPIC EXTENSION
"""

import ctypes
import sys

from confluent_kafka import Producer

brokers, topic, extension = sys.argv[1:4]
pointer, text = ctypes.c_void_p, ctypes.c_char_p
other = ctypes.CDLL(extension)
for name, result, arguments in (
    ("conf", pointer, []), ("set", ctypes.c_int, [pointer, text, text, text, ctypes.c_size_t]), ("new", pointer, [pointer, text, ctypes.c_size_t]),
    ("send", ctypes.c_int, [pointer, text]), ("poll", ctypes.c_int, [pointer]), ("flush", ctypes.c_int, [pointer]), ("destroy", None, [pointer]),
):
    function = getattr(other, f"extension_{name}")
    function.restype, function.argtypes = result, arguments

error = ctypes.create_string_buffer(512)
conf = other.extension_conf()
other.extension_set(conf, b"bootstrap.servers", brokers.encode(), error, 512)
client = other.extension_new(conf, error, 512)
producer = Producer({"bootstrap.servers": brokers})
for _ in range(2):
    producer.produce(topic, b"wheel")
    print("wheel:", producer.flush(10), producer.poll(0))
    print("other:", other.extension_send(client, topic.encode()), other.extension_flush(client), other.extension_poll(client))
other.extension_destroy(client)
