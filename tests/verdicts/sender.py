"""A plain producer that does what its stdin says, and says `done` after each line: sender.py HOST:PORT TOPIC [NAME=VALUE]…

send COUNT      hands over so many messages with the keys k0, k1, …
flush SECONDS   waits for their answers
purge           gives up what waits in the queue
begin, commit, abort   a transaction
end             ends
"""

import os
import sys

from confluent_kafka import Producer


class Sender:
    def __init__(self, address, topic, properties):
        self._producer = Producer({"bootstrap.servers": address, "linger.ms": 0, "log_level": 0, **properties})
        self._topic = topic
        self._sent = 0
        if "transactional.id" in properties:
            self._producer.init_transactions(30)

    def send(self, count):
        for _ in range(int(count)):
            self._producer.produce(self._topic, b"value", key=f"k{self._sent}", partition=0)
            self._sent += 1

    def flush(self, seconds):
        self._producer.flush(float(seconds))

    def purge(self):
        self._producer.purge()

    def begin(self):
        self._producer.begin_transaction()

    def commit(self):
        self._producer.commit_transaction(30)

    def abort(self):
        self._producer.abort_transaction(30)


def main(address, topic, *properties):
    sender = Sender(address, topic, dict(pair.split("=", 1) for pair in properties))
    print(os.getpid(), flush=True)
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "end":
            break
        getattr(sender, command)(*arguments)
        print("done", flush=True)


main(*sys.argv[1:])
