// A thread is cancelled while it waits in rd_kafka_consumer_poll; another one while it produces.
#include <pthread.h>
#include <unistd.h>

#include "../../support/host.h"

static rd_kafka_t* consumer;
static rd_kafka_t* producer;
static const char* topic_name;

static void* poll_for_ever(void* opaque) {
  (void)opaque;
  for (;;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 1000);
    if (message != NULL) rd_kafka_message_destroy(message);
    pthread_testcancel();
  }
  return NULL;
}

static void* produce_for_ever(void* opaque) {
  (void)opaque;
  for (;;) {
    rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic_name), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END);
    usleep(1000);  // a cancellation point outside of librdkafka's locks
  }
  return NULL;
}

static void cancel(pthread_t thread, const char* name) {
  void* result = NULL;
  CHECK(pthread_cancel(thread) == 0);
  CHECK(pthread_join(thread, &result) == 0);
  printf("%s %s\n", name, result == PTHREAD_CANCELED ? "cancelled" : "returned");
}

int main(int count, char** values) {
  topic_name = values[2];
  producer = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  rd_kafka_conf_t* conf = host_conf(count, values);
  host_set(conf, "group.id", "cancelled");
  consumer = host_client(RD_KAFKA_CONSUMER, conf);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic_name, 0);
  rd_kafka_topic_partition_list_set_offset(topics, topic_name, 0, RD_KAFKA_OFFSET_BEGINNING);
  CHECK(rd_kafka_assign(consumer, topics) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_destroy(topics);

  pthread_t polling;
  pthread_t producing;
  CHECK(pthread_create(&polling, NULL, poll_for_ever, NULL) == 0);
  CHECK(pthread_create(&producing, NULL, produce_for_ever, NULL) == 0);
  usleep(300000);
  cancel(producing, "producer");
  cancel(polling, "consumer");
  printf("flush %d\n", rd_kafka_flush(producer, 10000));
  fflush(stdout);
  _exit(0);
}
