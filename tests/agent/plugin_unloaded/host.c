// librdkafka unloads a plugin when the configuration that named it is destroyed. Clients are made and
// destroyed again and again, and a configuration is destroyed while another client still runs.
#include "../../support/host.h"

int main(int count, char** values) {
  rd_kafka_t* first = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  for (int turn = 0; turn < 20; ++turn) {
    rd_kafka_conf_destroy(host_conf(count, values));
    rd_kafka_conf_t* original = host_conf(count, values);
    rd_kafka_conf_t* copy = rd_kafka_conf_dup(original);
    rd_kafka_conf_destroy(original);
    rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, copy);
    CHECK(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(values[2]), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END) ==
          RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK(rd_kafka_flush(client, 10000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(client);
  }
  CHECK(rd_kafka_producev(first, RD_KAFKA_V_TOPIC(values[2]), RD_KAFKA_V_VALUE("y", 1), RD_KAFKA_V_END) ==
        RD_KAFKA_RESP_ERR_NO_ERROR);
  printf("flush %d\n", rd_kafka_flush(first, 10000));
  rd_kafka_destroy(first);
  return 0;
}
