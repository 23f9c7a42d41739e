"""A program whose children come from Python's multiprocessing, while it produces itself.

    multiprocessing_host.py METHOD END REPORT BROKERS TOPIC [name=value]…

Each process appends "PID MESSAGES" to REPORT when its messages have been answered; then the children end in the given way.
"""

import multiprocessing
import os
import signal
import sys
import threading

from confluent_kafka import Producer

MESSAGES = 100
CHILDREN = 4

method, end, report, brokers, topic = sys.argv[1:6]
settings = dict(option.split("=", 1) for option in sys.argv[6:])


def new_producer():
    return Producer({**settings, "bootstrap.servers": brokers, "linger.ms": 1})


def send(producer, messages):
    for _ in range(messages):
        producer.produce(topic, b"x")
        producer.poll(0)


def finish(producer, messages):
    assert producer.flush(30) == 0
    with open(report, "a") as file:
        file.write(f"{os.getpid()} {messages}\n")


def live():
    producer = new_producer()
    send(producer, MESSAGES)
    finish(producer, MESSAGES)
    if end == "_exit":
        os._exit(3)
    if end == "SIGKILL":
        os.kill(os.getpid(), signal.SIGKILL)


def produce_until(stop, producer, sent):
    while not stop.wait(0.001):  # slowly: what counts is that it goes on while children come
        send(producer, 1)
        sent.append(1)


def main():
    context = multiprocessing.get_context(method)
    producer = new_producer()
    stop, sent = threading.Event(), []
    thread = threading.Thread(target=produce_until, args=(stop, producer, sent))
    thread.start()
    children = [context.Process(target=live) for _ in range(CHILDREN)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    stop.set()
    thread.join()
    finish(producer, sum(sent))
    print([child.exitcode for child in children])


if __name__ == "__main__":
    main()
