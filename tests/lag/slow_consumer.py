"""A plain consumer that does what its stdin says, and says `done` after each line.

read COUNT   gets so many messages, one after the other, slower than they could come
idle COUNT   polls so often and gets nothing
leave        gives all partitions back, and goes on polling
end          closes the consumer
"""

import sys
import time

from confluent_kafka import Consumer


def poll_until(consumer, is_done, timeout):
    while not is_done(consumer.poll(timeout)):
        pass


def read(consumer, count):
    for _ in range(count):
        poll_until(consumer, lambda message: message is not None and message.error() is None, 1)
        time.sleep(0.05)


def idle(consumer, count):
    for _ in range(count):
        assert consumer.poll(0.6) is None


def main(address, group, topic):
    consumer = Consumer(
        {
            "bootstrap.servers": address,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "topic.metadata.refresh.interval.ms": 1000,
        }
    )
    consumer.subscribe([topic])
    for line in sys.stdin:
        command, *count = line.split()
        if command == "read":
            read(consumer, int(count[0]))
        elif command == "idle":
            idle(consumer, int(count[0]))
        elif command == "leave":
            consumer.unsubscribe()
            for _ in range(3):
                consumer.poll(0.6)
        print("done", flush=True)
        if command == "end":
            break
    consumer.close()


main(*sys.argv[1:])
