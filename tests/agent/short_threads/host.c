// 10,000 threads that send one message each and end, then 1,000 that consume one each and end; 20 at a time.
#include <pthread.h>

#include "../../support/host.h"

enum { kAtOnce = 20, kSending = 10000, kConsuming = 1000 };

static rd_kafka_t* producer;
static rd_kafka_t* consumer;
static const char* topic;

static void* send_one(void* number) {
  char key[16];
  const int size = snprintf(key, sizeof key, "%ld", (long)(size_t)number);
  CHECK(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(key, (size_t)size),
                          RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
  return NULL;
}

static void* consume_one(void* unused) {
  for (;;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 1000);
    if (message == NULL) continue;
    const int is_message = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_message_destroy(message);
    if (is_message) return unused;
  }
}

static void run(void* (*work)(void*), int threads) {
  pthread_t running[kAtOnce];
  for (int done = 0; done < threads; done += kAtOnce) {
    for (int at = 0; at < kAtOnce; ++at)
      CHECK(pthread_create(&running[at], NULL, work, (void*)(size_t)(done + at)) == 0);
    for (int at = 0; at < kAtOnce; ++at) CHECK(pthread_join(running[at], NULL) == 0);
  }
}

int main(int count, char** values) {
  topic = values[2];
  producer = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  run(send_one, kSending);
  printf("flush %d\n", rd_kafka_flush(producer, 20000));

  rd_kafka_conf_t* conf = host_conf(count, values);
  host_set(conf, "group.id", "short-threads");
  consumer = host_client(RD_KAFKA_CONSUMER, conf);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(4);
  for (int partition = 0; partition < 4; ++partition)
    rd_kafka_topic_partition_list_add(topics, topic, partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  CHECK(rd_kafka_assign(consumer, topics) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_destroy(topics);
  run(consume_one, kConsuming);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  rd_kafka_destroy(producer);
  printf("done\n");
  return 0;
}
