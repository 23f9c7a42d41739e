// What the test programs under tests/ share: plain C users of librdkafka, none of which knows of Waybill.
#ifndef WAYBILL_TESTS_SUPPORT_HOST_H
#define WAYBILL_TESTS_SUPPORT_HOST_H

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      exit(99);                                                       \
    }                                                                 \
  } while (0)

// Every program is called `host BROKERS TOPIC [-X name=value]…`.
static inline rd_kafka_conf_t* host_conf(int count, char** values) {
  char error[256];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  // The plugin first: its own properties are known only after it.
  for (int turn = 0; turn < 2; ++turn) {
    for (int at = 3; at + 1 < count; at += 2) {
      char name[256];
      const char* equals = strchr(values[at + 1], '=');
      CHECK(strcmp(values[at], "-X") == 0 && equals != NULL);
      snprintf(name, sizeof name, "%.*s", (int)(equals - values[at + 1]), values[at + 1]);
      const int is_plugin = strcmp(name, "plugin.library.paths") == 0;
      if (is_plugin != (turn == 0)) continue;
      if (rd_kafka_conf_set(conf, name, equals + 1, error, sizeof error) != RD_KAFKA_CONF_OK) {
        fprintf(stderr, "host: %s\n", error);
        exit(98);
      }
    }
  }
  CHECK(rd_kafka_conf_set(conf, "bootstrap.servers", values[1], error, sizeof error) == RD_KAFKA_CONF_OK);
  return conf;
}

static inline void host_set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  char error[256];
  CHECK(rd_kafka_conf_set(conf, name, value, error, sizeof error) == RD_KAFKA_CONF_OK);
}

static inline rd_kafka_t* host_client(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
  char error[256];
  rd_kafka_t* client = rd_kafka_new(type, conf, error, sizeof error);
  if (client == NULL) fprintf(stderr, "host: %s\n", error);
  CHECK(client != NULL);
  return client;
}

// A topic whose partitions librdkafka knows: one message was delivered there. Until then it takes every
// message, and partitions them later.
static inline rd_kafka_topic_t* host_known_topic(rd_kafka_t* client, const char* name,
                                                 rd_kafka_topic_conf_t* conf) {
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client, name, conf);
  CHECK(topic != NULL);
  CHECK(rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, (void*)"warm-up", 7, NULL, 0, NULL) == 0);
  CHECK(rd_kafka_flush(client, 10000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  return topic;
}

#endif
