// A C program that was there before. Two things are new: waybill_instrument(), and the begin and end of
// processing, where it knows them.
//
//   one_line BOOTSTRAP_SERVERS TOPIC

#include <stdio.h>
#include <string.h>

#include "waybill/client/waybill.h"

static rd_kafka_t* make_client(rd_kafka_type_t type, const char* servers) {
  char reason[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", servers, reason, sizeof reason);
  if (type == RD_KAFKA_CONSUMER) {
    rd_kafka_conf_set(conf, "group.id", "audit", reason, sizeof reason);
    rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", reason, sizeof reason);
  }
  const char* why = waybill_instrument(conf);
  if (why != NULL) fprintf(stderr, "not traced: %s\n", why);
  rd_kafka_t* client = rd_kafka_new(type, conf, reason, sizeof reason);
  if (client == NULL) fprintf(stderr, "%s\n", reason);
  return client;
}

static void print_header(void* target, const char* name, const char* value, size_t size) {
  (void)target;
  printf("%s: %.*s\n", name, (int)size, value);
}

static const char* handle(const rd_kafka_message_t* message) {
  printf("handling %.*s\n", (int)message->len, (const char*)message->payload);
  waybill_current_headers(print_header, NULL);  // what an HTTP request from here would carry
  return memchr(message->payload, '?', message->len) != NULL ? "not_understood" : NULL;
}

int main(int count, char** values) {
  if (count != 3) return 2;
  rd_kafka_t* producer = make_client(RD_KAFKA_PRODUCER, values[1]);
  rd_kafka_t* consumer = make_client(RD_KAFKA_CONSUMER, values[1]);
  if (producer == NULL || consumer == NULL) return 1;

  char text[] = "2 apples?";
  rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(values[2]), RD_KAFKA_V_VALUE(text, strlen(text)),
                    RD_KAFKA_V_END);
  rd_kafka_flush(producer, 10000);

  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, values[2], RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(consumer, topics);
  rd_kafka_topic_partition_list_destroy(topics);
  rd_kafka_message_t* message = NULL;
  while (message == NULL || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (message != NULL) rd_kafka_message_destroy(message);
    message = rd_kafka_consumer_poll(consumer, 1000);
  }
  waybill_scope_t scope = waybill_process_begin(consumer, &message, 1);
  waybill_process_end(&scope, handle(message), NULL);
  rd_kafka_message_destroy(message);

  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  rd_kafka_destroy(producer);
  return 0;
}
