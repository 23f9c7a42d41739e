// rd_kafka_produce_batch whose partitioner fails: librdkafka then acknowledges the elements of the
// application's own array. And one whose messages name a partition that does not exist: those are never
// acknowledged.
#include <sys/mman.h>

#include "../../support/host.h"

// An array whose last element ends where no memory is: what librdkafka keeps behind its own messages is not
// there.
static rd_kafka_message_t* array_at_the_edge(size_t messages) {
  enum { kPage = 4096 };
  char* pages = mmap(NULL, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(pages != MAP_FAILED && mprotect(pages + kPage, kPage, PROT_NONE) == 0);
  CHECK(messages * sizeof(rd_kafka_message_t) <= kPage);
  return (rd_kafka_message_t*)(pages + kPage) - messages;
}

static int32_t fail(const rd_kafka_topic_t* topic, const void* key, size_t key_size, int32_t partitions,
                    void* opaque, void* message_opaque) {
  (void)topic, (void)key, (void)key_size, (void)partitions, (void)opaque, (void)message_opaque;
  return 999;
}

int main(int count, char** values) {
  enum { kMessages = 20 };
  rd_kafka_message_t* messages = array_at_the_edge(kMessages);
  rd_kafka_conf_t* second_conf = host_conf(count, values);

  rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  rd_kafka_topic_conf_t* topic_conf = rd_kafka_topic_conf_new();
  rd_kafka_topic_conf_set_partitioner_cb(topic_conf, fail);
  rd_kafka_topic_t* topic = host_known_topic(client, values[2], topic_conf);
  for (int number = 0; number < kMessages; ++number) {
    messages[number].payload = (void*)"x";
    messages[number].len = 1;
    messages[number].key = (void*)"k";  // without a key librdkafka's own sticky partitioner chooses
    messages[number].key_len = 1;
  }
  printf("failing partitioner: %d taken\n",
         rd_kafka_produce_batch(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, messages, kMessages));
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(client);

  client = host_client(RD_KAFKA_PRODUCER, second_conf);
  topic = host_known_topic(client, values[2], NULL);
  for (int number = 0; number < kMessages; ++number) messages[number].partition = number % 2 == 0 ? 0 : 999;
  printf(
      "wrong partitions: %d taken\n",
      rd_kafka_produce_batch(topic, 0, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_PARTITION, messages, kMessages));
  printf("flush %s\n", rd_kafka_err2name(rd_kafka_flush(client, 3000)));
  rd_kafka_topic_destroy(topic);
  fflush(stdout);
  return 0;  // without rd_kafka_destroy: librdkafka leaks the messages that it never acknowledges
}
