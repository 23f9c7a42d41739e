// Two producers, one after the other, in a program that looks at nothing else: what is said once in a process
// must not be said twice.
#include "../../support/host.h"

int main(int count, char** values) {
  for (int turn = 0; turn < 2; ++turn) {
    rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
    for (int number = 0; number < 10; ++number) {
      CHECK(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(values[2]), RD_KAFKA_V_VALUE("x", 1),
                              RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    printf("flush %d\n", rd_kafka_flush(client, 10000));
    rd_kafka_destroy(client);
  }
  return 0;
}
