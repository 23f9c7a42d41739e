"""The demo's second program: reads orders, takes the money, and writes a payment for each. It knows nothing of tracing.

    payments.py BROKERS ORDERS PAYMENTS COUNT

COUNT 0: until it is ended; then the bank is slow for 110 seconds of every five minutes, the first time soon.
"""

import json
import sys
import time

from confluent_kafka import Consumer, Producer


def talk_to_the_bank(began, has_bad_times):
    is_slow = has_bad_times and 30 < (time.monotonic() - began) % 300 < 140
    time.sleep(0.2 if is_slow else 0.01)


def main():
    brokers, orders, payments, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    consumer = Consumer(
        {"bootstrap.servers": brokers, "group.id": "payments", "client.id": "payments-in", "auto.offset.reset": "earliest"}
    )
    producer = Producer({"bootstrap.servers": brokers, "client.id": "payments-out", "linger.ms": 5})
    consumer.subscribe([orders])
    began = time.monotonic()
    done = 0
    while count == 0 or (done < count and time.monotonic() < began + 45):
        message = consumer.poll(0.5)
        if message is None or message.error():
            continue
        order = json.loads(message.value())
        talk_to_the_bank(began, has_bad_times=count == 0)
        producer.produce(payments, json.dumps({"order": order["order"], "paid": True}), key=message.key())
        producer.poll(0)
        done += 1
    producer.flush(10)
    consumer.close()
    return 0 if done == count else 1


if __name__ == "__main__":
    sys.exit(main())
