"""What tests with real back ends let happen: sends, single messages and a batch that are processed, and sends that fail."""

ORDERS = 5

# Waits for all of them, so that they are one batch.
BATCH = """
import sys
from confluent_kafka import Consumer, TopicPartition
consumer = Consumer({'bootstrap.servers': sys.argv[1], 'group.id': 'archive'})
consumer.assign([TopicPartition(sys.argv[2], partition, 0) for partition in range(4)])
messages = consumer.consume(int(sys.argv[3]), -1)
assert not any(message.error() for message in messages)
consumer.close()
"""


def from_shop_to_audit(run, kafka, build):
    """Lets run(SERVICE, COMMAND...) run three programs in a row, and returns the topic of the orders."""
    orders, payments = kafka.topic(), kafka.topic()
    run("shop", "kcat", "-b", kafka.address, "-P", "-t", orders, input="order\n" * ORDERS)
    run("billing", build / "hosts/relay", kafka.address, orders, payments, ORDERS)
    run("audit", "kcat", "-q", "-b", kafka.address, "-C", "-t", payments, "-o", "beginning", "-e")
    return orders


def every_shape_of_span(run, kafka, build):
    orders = from_shop_to_audit(run, kafka, build)
    run("archive", "/usr/bin/python3", "-c", BATCH, kafka.address, orders, ORDERS)
    run("offline", build / "hosts/host-destroy_with_queued", "127.0.0.1:1", orders)
