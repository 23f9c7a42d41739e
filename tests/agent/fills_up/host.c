// Sends one message, says so, waits for a line on stdin, and sends many more.
#include "../../support/host.h"

static void send_some(rd_kafka_t* client, const char* topic, int messages) {
  for (int number = 0; number < messages; ++number) {
    CHECK(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END) ==
          RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  printf("sent %d, flush %d\n", messages, rd_kafka_flush(client, 10000));
  fflush(stdout);
}

int main(int count, char** values) {
  char line[16];
  rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  send_some(client, values[2], 1);
  CHECK(fgets(line, sizeof line, stdin) != NULL);
  send_some(client, values[2], 20000);
  rd_kafka_destroy(client);
  return 0;
}
