// An extension that is linked to the machine's librdkafka, for a program that has another one already.
#include "../../support/host.h"

// Sends so many messages, consumes as many, and returns how many that were. `plugin` may be null.
int round_trip(const char* brokers, const char* topic, int messages, const char* plugin) {
  char plugin_option[1024];
  snprintf(plugin_option, sizeof plugin_option, "plugin.library.paths=%s", plugin == NULL ? "" : plugin);
  char* values[] = {(char*)"extension", (char*)brokers, (char*)topic, (char*)"-X", plugin_option};
  const int count = plugin == NULL ? 3 : 5;

  rd_kafka_t* producer = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  for (int number = 0; number < messages; ++number) {
    CHECK(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0),
                            RD_KAFKA_V_VALUE("o", 1), RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  CHECK(rd_kafka_flush(producer, 10000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_conf_t* conf = host_conf(count, values);
  host_set(conf, "group.id", "two-versions");
  rd_kafka_t* consumer = host_client(RD_KAFKA_CONSUMER, conf);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic, 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
  CHECK(rd_kafka_assign(consumer, topics) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_destroy(topics);
  int done = 0;
  while (done < messages) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 1000);
    if (message == NULL) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++done;
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  rd_kafka_destroy(producer);
  return done;
}

const char* version(void) {
  const char* text = rd_kafka_version_str();
  return text;
}
