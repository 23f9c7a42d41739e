"""The pipeline's last program: reads payments, and prints each. It knows nothing of tracing.

    shipping.py BROKERS PAYMENTS COUNT
"""

import itertools
import sys

from kafka import KafkaConsumer


def main():
    brokers, payments, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    consumer = KafkaConsumer(payments, bootstrap_servers=brokers, group_id="shipping", auto_offset_reset="earliest")
    for message in itertools.islice(consumer, count):
        print(message.value.decode())
    consumer.close()


if __name__ == "__main__":
    main()
