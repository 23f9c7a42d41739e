// rd_kafka_new fails late, after interceptors were told of the client; the application destroys its
// configuration then, as it must, and tries again with another one.
#include "../../support/host.h"

int main(int count, char** values) {
  for (int turn = 0; turn < 1100; ++turn) {  // more often than clients can be remembered at once
    char error[512];
    rd_kafka_conf_t* conf = host_conf(count, values);
    host_set(conf, "security.protocol", "ssl");
    host_set(conf, "ssl.ca.location", "/no/such/file");
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    CHECK(client == NULL);
    rd_kafka_conf_destroy(conf);
  }
  rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  CHECK(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(values[2]), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END) ==
        RD_KAFKA_RESP_ERR_NO_ERROR);
  printf("flush %d\n", rd_kafka_flush(client, 10000));
  rd_kafka_destroy(client);
  return 0;
}
