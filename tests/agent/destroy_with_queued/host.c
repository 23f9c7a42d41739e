// A producer is destroyed while messages wait: for a broker that is away (their topic is known), and for a
// topic that was never resolved, whose messages librdkafka never acknowledges.
//
//   host BROKERS TOPIC …: BROKERS may be an address at which nobody listens.
#include "../../support/host.h"

int main(int count, char** values) {
  rd_kafka_conf_t* conf = host_conf(count, values);
  host_set(conf, "linger.ms", "60000");
  rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, conf);
  for (int number = 0; number < 5; ++number) {
    CHECK(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(values[2]), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END) ==
          RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  const struct rd_kafka_metadata* metadata = NULL;
  if (rd_kafka_metadata(client, 1, NULL, &metadata, 1000) == RD_KAFKA_RESP_ERR_NO_ERROR)
    rd_kafka_metadata_destroy(metadata);
  rd_kafka_destroy(client);
  printf("destroyed\n");
  return 0;
}
