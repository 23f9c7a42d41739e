// Messages without headers, and among them messages with a list of the application's own: lists that Waybill
// uses again must never be one of these, nor go out twice at once.
#include "../../support/host.h"

enum { kRounds = 5, kMessages = 4000, kEveryOwn = 7 };

static int delivered, with_headers, own_seen, wrong, purged;

static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) {
  rd_kafka_headers_t* headers = NULL;
  const void* value = NULL;
  size_t size = 0;
  const long number = (long)message->_private;
  (void)client;
  (void)opaque;
  if (message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE) {
    ++purged;
    return;
  }
  ++delivered;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    wrong += number % kEveryOwn == 0;
    return;
  }
  ++with_headers;
  char expected[32];
  snprintf(expected, sizeof expected, "%ld", number);
  if (rd_kafka_header_get_last(headers, "mine", &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR &&
      strcmp(value, expected) == 0) {
    ++own_seen;
  } else {
    ++wrong;
  }
}

static void send_one(rd_kafka_t* client, const char* topic, long number) {
  char value[32];
  rd_kafka_headers_t* headers = NULL;
  snprintf(value, sizeof value, "%ld", number);
  if (number % kEveryOwn == 0) {
    headers = rd_kafka_headers_new(1);
    rd_kafka_header_add(headers, "mine", -1, value, -1);
  }
  CHECK(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0),
                          RD_KAFKA_V_VALUE(value, strlen(value)), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                          RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE((void*)number),
                          RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

int main(int count, char** values) {
  rd_kafka_conf_t* conf = host_conf(count, values);
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, conf);
  long number = 0;
  for (int round = 0; round < kRounds; ++round) {
    for (int at = 0; at < kMessages; ++at) send_one(client, values[2], ++number);
    CHECK(rd_kafka_flush(client, 30000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  printf("delivered %d, with headers %d, own %d, wrong %d\n", delivered, with_headers, own_seen, wrong);

  // What is purged is acknowledged on this thread, and what is still queued at the end on a thread of
  // librdkafka.
  rd_kafka_topic_conf_t* topic_conf = rd_kafka_topic_conf_new();
  rd_kafka_topic_t* topic = host_known_topic(client, values[2], topic_conf);
  for (int at = 0; at < 500; ++at) send_one(client, values[2], ++number);
  CHECK(rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE) == RD_KAFKA_RESP_ERR_NO_ERROR);
  CHECK(rd_kafka_flush(client, 30000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  printf("delivered or purged %d\n", delivered + purged);
  for (int at = 0; at < 500; ++at) send_one(client, values[2], ++number);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(client);
  return 0;
}
