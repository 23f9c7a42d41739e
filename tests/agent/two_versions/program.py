"""Uses two versions of librdkafka by turns: the one in the wheel of confluent-kafka, and Debian's through an extension.

    program.py BROKERS TOPIC EXTENSION [PLUGIN]
"""

import ctypes
import sys

from confluent_kafka import Consumer, Producer, TopicPartition, libversion

brokers, topic, extension, *plugins = sys.argv[1:]
options = {"bootstrap.servers": brokers, **{"plugin.library.paths": plugin for plugin in plugins}}


def other_round_trip(library, messages):
    plugin = plugins[0].encode() if plugins else None
    return library.round_trip(brokers.encode(), f"{topic}-other".encode(), messages, plugin)


producer = Producer(options)
producer.produce(topic, b"before", partition=0)
producer.flush(10)
other = ctypes.CDLL(extension)  # late, and RTLD_LOCAL
other.version.restype = ctypes.c_char_p
print("versions differ:", libversion()[0].split(".") > other.version().decode().split("."))
print("other:", other_round_trip(other, 3))
producer.produce(topic, b"between", partition=0)
producer.flush(10)
consumer = Consumer({**options, "group.id": "wheel"})
consumer.assign([TopicPartition(topic, 0, 0)])
taken = 0
while taken < 2:
    message = consumer.poll(1)
    taken += message is not None and message.error() is None
print("other:", other_round_trip(other, 3))
consumer.close()
producer.produce(topic, b"after", partition=0)
print("flush:", producer.flush(10))
