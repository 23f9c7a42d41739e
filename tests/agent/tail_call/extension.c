// An extension as an interpreter loads it: linked to librdkafka, loaded RTLD_LOCAL. Its last calls leave by a
// jump, so that they seem to come from the program.
#include <librdkafka/rdkafka.h>

rd_kafka_t* extension_new(rd_kafka_conf_t* conf, char* error, size_t size) {
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, size);
  if (client != NULL) rd_kafka_poll(client, 0);
  return client;
}
rd_kafka_conf_t* extension_conf(void) { return rd_kafka_conf_new(); }
int extension_set(rd_kafka_conf_t* conf, const char* name, const char* value, char* error, size_t size) {
  return rd_kafka_conf_set(conf, name, value, error, size);
}
int extension_send(rd_kafka_t* client, const char* topic) {
  return rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_VALUE((void*)"x", 1), RD_KAFKA_V_END);
}
int extension_poll(rd_kafka_t* client) { return rd_kafka_poll(client, 0); }
int extension_flush(rd_kafka_t* client) { return rd_kafka_flush(client, 10000); }
void extension_destroy(rd_kafka_t* client) { rd_kafka_destroy(client); }
