// Many messages through a small queue: librdkafka uses the address of a message again as soon as it is freed.
// The value is the number of the message, and so is the key.
#include "../../support/host.h"

static long delivered = 0;
static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) {
  (void)client, (void)opaque;
  CHECK(message->err == RD_KAFKA_RESP_ERR_NO_ERROR);
  CHECK(message->_private ==
        (void*)(long)atol((const char*)message->payload));  // the application's opaque comes back
  ++delivered;
}

int main(int count, char** values) {
  rd_kafka_conf_t* conf = host_conf(count, values);
  host_set(conf, "queue.buffering.max.messages", "50");
  host_set(conf, "linger.ms", "0");
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, conf);
  for (long number = 1; number <= 20000; ++number) {
    char text[16];
    const int size = snprintf(text, sizeof text, "%ld", number) + 1;
    for (;;) {
      const rd_kafka_resp_err_t error = rd_kafka_producev(
          client, RD_KAFKA_V_TOPIC(values[2]), RD_KAFKA_V_PARTITION((int32_t)(number % 4)),
          RD_KAFKA_V_VALUE(text, (size_t)size), RD_KAFKA_V_KEY(text, (size_t)size - 1),
          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE((void*)number), RD_KAFKA_V_END);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      CHECK(error == RD_KAFKA_RESP_ERR__QUEUE_FULL);
      rd_kafka_poll(client, 10);
    }
    rd_kafka_poll(client, 0);
  }
  CHECK(rd_kafka_flush(client, 20000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  printf("delivered %ld\n", delivered);
  rd_kafka_destroy(client);
  return 0;
}
