// Every message size up to message.max.bytes. librdkafka aborts the process when a header that an interceptor
// added makes a message larger than that. One message for each batch, so that each is checked alone.
#include "../../support/host.h"

int main(int count, char** values) {
  rd_kafka_conf_t* conf = host_conf(count, values);
  host_set(conf, "message.max.bytes", "2000");
  host_set(conf, "linger.ms", "0");
  host_set(conf, "batch.num.messages", "1");
  rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, conf);
  static char value[2100];
  int taken = 0;
  int refused = 0;
  for (size_t size = 1780; size <= 2000; ++size) {
    for (int with_header = 0; with_header < 2; ++with_header) {
      rd_kafka_resp_err_t error;
      if (with_header) {
        error =
            rd_kafka_producev(client, RD_KAFKA_V_TOPIC(values[2]), RD_KAFKA_V_PARTITION(0),
                              RD_KAFKA_V_VALUE(value, size), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                              RD_KAFKA_V_HEADER("kind", "a header of the application", -1), RD_KAFKA_V_END);
      } else {
        error = rd_kafka_producev(client, RD_KAFKA_V_TOPIC(values[2]), RD_KAFKA_V_PARTITION(0),
                                  RD_KAFKA_V_VALUE(value, size), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                  RD_KAFKA_V_END);
      }
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        ++taken;
      else
        ++refused;
    }
  }
  CHECK(rd_kafka_flush(client, 20000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  printf("taken %d refused %d\n", taken, refused);
  rd_kafka_destroy(client);
  return 0;
}
