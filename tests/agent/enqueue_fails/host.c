// Messages that librdkafka does not take: too large, queue full, a partition that does not exist.
#include "../../support/host.h"

int main(int count, char** values) {
  rd_kafka_conf_t* conf = host_conf(count, values);
  host_set(conf, "queue.buffering.max.messages", "2");
  host_set(conf, "message.max.bytes", "2000");
  host_set(conf, "linger.ms", "200");
  rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, conf);
  rd_kafka_topic_t* topic = host_known_topic(client, values[2], NULL);

  static char large[3000];
  int result = rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, large, sizeof large, NULL, 0, NULL);
  printf("large %d %s\n", result, rd_kafka_err2name(rd_kafka_last_error()));
  result = rd_kafka_produce(topic, 99, RD_KAFKA_MSG_F_COPY, "a", 1, NULL, 0, NULL);
  printf("unknown partition %d %s\n", result, rd_kafka_err2name(rd_kafka_last_error()));
  for (int number = 0; number < 3; ++number) {
    result = rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, "b", 1, NULL, 0, NULL);
    printf("message %d %d %s\n", number, result, result == 0 ? "" : rd_kafka_err2name(rd_kafka_last_error()));
  }
  printf("flush %d\n", rd_kafka_flush(client, 10000));
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(client);
  return 0;
}
