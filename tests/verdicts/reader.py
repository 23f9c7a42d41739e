"""A plain consumer that does what its stdin says, and says `done` after each line: reader.py HOST:PORT TOPIC GROUP [NAME=VALUE]…

join           polls until it has come to the end of a partition
read COUNT     gets so many messages; the last one is in its hands until the next line
slowly COUNT   the same, with a third of a second for each
commit         commits what it got
seek OFFSET    goes on from there in partition 0
idle           polls once more, and gets nothing
end            closes the consumer
"""

import os
import sys
import time

from confluent_kafka import Consumer, KafkaError, TopicPartition


class Reader:
    def __init__(self, address, topic, group, properties):
        self._topic = topic
        self._consumer = Consumer(
            {
                "bootstrap.servers": address,
                "group.id": group,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 50,
                "session.timeout.ms": 6000,
                "log_level": 0,
                **properties,
            }
        )
        self._consumer.subscribe([topic])

    def join(self):
        while True:
            message = self._consumer.poll(1)
            if message is not None and message.error() is not None and message.error().code() == KafkaError._PARTITION_EOF:
                return
            assert message is None or message.error() is not None, "it was to get nothing"

    def read(self, count, seconds=0):
        for _ in range(int(count)):
            while (message := self._consumer.poll(1)) is None or message.error() is not None:
                pass
            time.sleep(seconds)

    def slowly(self, count):
        self.read(count, 0.33)

    def commit(self):
        self._consumer.commit(asynchronous=False)

    def seek(self, offset):
        self._consumer.seek(TopicPartition(self._topic, 0, int(offset)))

    def idle(self):
        message = self._consumer.poll(0.2)
        assert message is None or message.error() is not None

    def close(self):
        self._consumer.close()


def main(address, topic, group, *properties):
    reader = Reader(address, topic, group, dict(pair.split("=", 1) for pair in properties))
    print(os.getpid(), flush=True)
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "end":
            break
        getattr(reader, command)(*arguments)
        print("done", flush=True)
    reader.close()


main(*sys.argv[1:])
