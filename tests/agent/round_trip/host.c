// Sends 20 messages with headers of its own, consumes them, and cleans up completely.
#include "../../support/host.h"

enum { kMessages = 20 };

int main(int count, char** values) {
  rd_kafka_t* producer = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  for (int number = 0; number < kMessages; ++number) {
    CHECK(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(values[2]), RD_KAFKA_V_PARTITION(0),
                            RD_KAFKA_V_KEY("key", 3), RD_KAFKA_V_VALUE("x", 1),
                            RD_KAFKA_V_HEADER("mine", "1", 1), RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  printf("flush %d\n", rd_kafka_flush(producer, 20000));

  rd_kafka_conf_t* conf = host_conf(count, values);
  host_set(conf, "group.id", "round-trip");
  rd_kafka_t* consumer = host_client(RD_KAFKA_CONSUMER, conf);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, values[2], 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
  CHECK(rd_kafka_assign(consumer, topics) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_destroy(topics);
  for (int done = 0; done < kMessages;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 1000);
    if (message == NULL) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++done;
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  rd_kafka_destroy(producer);
  printf("consumed %d\n", kMessages);
  return 0;
}
