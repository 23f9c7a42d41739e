// Sends messages and receives them again, until SIGTERM or until COUNT were sent; then says how many.
//
//   sender BROKERS TOPIC [-X name=value]… PER_SECOND COUNT: 0 is "as fast as it goes", and
//   "without end". As fast as it goes it only sends: the mock cluster does not keep all of that.
#include <signal.h>
#include <unistd.h>

#include "../support/host.h"

static volatile sig_atomic_t stop = 0;
static void request_stop(int signal) { (void)signal, stop = 1; }

static long delivered = 0;
static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) {
  (void)client, (void)opaque;
  CHECK(message->err == RD_KAFKA_RESP_ERR_NO_ERROR);
  ++delivered;
}

// False: the queue is full for now.
static int send_one(rd_kafka_t* producer, const char* topic) {
  const rd_kafka_resp_err_t error =
      rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_VALUE("message", 7), RD_KAFKA_V_END);
  CHECK(error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR__QUEUE_FULL);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR;
}

static long receive(rd_kafka_t* consumer) {
  long received = 0;
  for (;;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 0);
    if (message == NULL) return received;
    CHECK(message->err == RD_KAFKA_RESP_ERR_NO_ERROR);
    ++received;
    rd_kafka_message_destroy(message);
  }
}

int main(int count, char** values) {
  const int options = count - 2;
  const long per_second = atol(values[options]);
  const long most = atol(values[options + 1]);
  signal(SIGTERM, request_stop);

  rd_kafka_conf_t* conf = host_conf(options, values);
  host_set(conf, "group.id", "sender");
  rd_kafka_t* consumer = host_client(RD_KAFKA_CONSUMER, conf);
  conf = host_conf(options, values);
  host_set(conf, "linger.ms", "1");
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t* producer = host_client(RD_KAFKA_PRODUCER, conf);

  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(4);
  for (int partition = 0; partition < 4; ++partition) {
    rd_kafka_topic_partition_list_add(topics, values[2], partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  if (per_second != 0) CHECK(rd_kafka_assign(consumer, topics) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_destroy(topics);

  printf("ready\n");
  fflush(stdout);
  long sent = 0;
  long received = 0;
  while (!stop && (most == 0 || sent < most)) {
    long burst = per_second == 0 ? 10000 : (per_second + 99) / 100;
    while (burst-- > 0 && (most == 0 || sent < most) && send_one(producer, values[2])) ++sent;
    rd_kafka_poll(producer, per_second == 0 ? 1 : 10);
    if (per_second != 0) received += receive(consumer);
  }
  CHECK(rd_kafka_flush(producer, 60000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  if (per_second == 0) received = delivered;
  for (int turns = 0; received < delivered && turns < 60000; ++turns) {
    received += receive(consumer);
    usleep(1000);
  }
  printf("sent %ld delivered %ld received %ld\n", sent, delivered, received);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  rd_kafka_destroy(producer);
  return 0;
}
