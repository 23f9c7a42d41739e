// A thread whose cancellation is pending calls rd_kafka_produce. The application's own partitioner, which
// librdkafka calls inside it, is the first cancellation point: nothing before it may be one.
#include <pthread.h>
#include <unistd.h>

#include "../../support/host.h"

static int partitioned = 0;

static int32_t partition(const rd_kafka_topic_t* topic, const void* key, size_t key_size, int32_t partitions,
                         void* opaque, void* message_opaque) {
  (void)topic, (void)key, (void)key_size, (void)partitions, (void)opaque, (void)message_opaque;
  ++partitioned;
  pthread_testcancel();
  return 0;
}

static void* send_while_cancelled(void* topic) {
  CHECK(pthread_cancel(pthread_self()) == 0);
  rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, (void*)"x", 1, "k", 1, NULL);
  return NULL;
}

int main(int count, char** values) {
  rd_kafka_t* other = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  rd_kafka_topic_conf_t* conf = rd_kafka_topic_conf_new();
  rd_kafka_topic_conf_set_partitioner_cb(conf, partition);
  rd_kafka_topic_t* topic = host_known_topic(client, values[2], conf);

  pthread_t thread;
  void* result = NULL;
  CHECK(pthread_create(&thread, NULL, send_while_cancelled, topic) == 0);
  CHECK(pthread_join(thread, &result) == 0);
  printf("%s after %d calls of the partitioner\n", result == PTHREAD_CANCELED ? "cancelled" : "returned",
         partitioned);
  // That client's locks are held for ever, with and without Waybill. Another one works.
  CHECK(rd_kafka_producev(other, RD_KAFKA_V_TOPIC(values[2]), RD_KAFKA_V_VALUE("y", 1), RD_KAFKA_V_END) ==
        RD_KAFKA_RESP_ERR_NO_ERROR);
  printf("flush %d\n", rd_kafka_flush(other, 10000));
  fflush(stdout);
  _exit(0);
}
