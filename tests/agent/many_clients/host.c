// 5,000 producers with client ids of their own, one after the other, beside one that lasts. HOST_MEMORY names
// a file that gets the program's own memory in KiB, after 1,000 producers and after all.
#include "../../support/host.h"

static long own_memory(void) {
  char line[256];
  long size = -1;
  FILE* file = fopen("/proc/self/status", "r");
  CHECK(file != NULL);
  while (fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, "RssAnon:", 8) == 0) size = atol(line + 8);
  }
  fclose(file);
  return size;
}

static void send_one(rd_kafka_t* client, const char* topic) {
  CHECK(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END) ==
        RD_KAFKA_RESP_ERR_NO_ERROR);
}

int main(int count, char** values) {
  char name[64];
  FILE* memory = fopen(getenv("HOST_MEMORY"), "w");
  CHECK(memory != NULL);
  rd_kafka_t* lasting = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  send_one(lasting, values[2]);
  for (int number = 1; number <= 5000; ++number) {
    rd_kafka_conf_t* conf = host_conf(count, values);
    snprintf(name, sizeof name, "a-client-of-its-own-%d", number);
    host_set(conf, "client.id", name);
    host_set(conf, "bootstrap.servers", "127.0.0.1:1");  // nobody answers, so each is done at once
    host_set(conf, "log_level", "0");
    rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, conf);
    send_one(client, values[2]);
    CHECK(rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(client);
    if (number == 1000 || number == 5000) fprintf(memory, "%ld\n", own_memory());
  }
  fclose(memory);
  snprintf(name, sizeof name, "%.40s-new", values[2]);
  send_one(lasting, name);
  printf("flush %d\n", rd_kafka_flush(lasting, 10000));
  rd_kafka_destroy(lasting);
  return 0;
}
