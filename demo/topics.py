"""Makes or deletes topics on a Kafka broker.

    topics.py create|delete BROKERS NAME[:PARTITIONS]...
"""

import sys

from confluent_kafka.admin import AdminClient, NewTopic


def main():
    action, brokers, topics = sys.argv[1], sys.argv[2], [topic.partition(":") for topic in sys.argv[3:]]
    admin = AdminClient({"bootstrap.servers": brokers})
    if action == "create":
        results = admin.create_topics(
            [NewTopic(name, num_partitions=int(partitions or 1), replication_factor=1) for name, _, partitions in topics]
        )
    else:
        results = admin.delete_topics([name for name, _, _ in topics])
    failed = False
    for name, result in results.items():
        try:
            result.result(20)
        except Exception as error:  # KafkaException; the binding knows no narrower type
            failed = True
            print(f"topics.py: cannot {action} {name}: {error}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
