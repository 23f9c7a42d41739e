// The application keeps a header list of its own and uses it again when a call fails: librdkafka gives the
// list back then, and it must be as it was.
#include "../../support/host.h"

static int fail = 1;

static int32_t choose(const rd_kafka_topic_t* topic, const void* key, size_t key_size, int32_t partitions,
                      void* opaque, void* message_opaque) {
  (void)topic, (void)key, (void)key_size, (void)partitions, (void)opaque, (void)message_opaque;
  return fail ? 999 : 0;
}

int main(int count, char** values) {
  rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  rd_kafka_topic_conf_t* topic_conf = rd_kafka_topic_conf_new();
  rd_kafka_topic_conf_set_partitioner_cb(topic_conf, choose);
  rd_kafka_topic_t* topic = host_known_topic(client, values[2], topic_conf);

  rd_kafka_headers_t* headers = rd_kafka_headers_new(1);
  rd_kafka_header_add(headers, "mine", -1, "1", -1);
  for (int turn = 0; turn < 3; ++turn) {
    const rd_kafka_resp_err_t error =
        rd_kafka_producev(client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_KEY("k", 1),
                          RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    CHECK(error != RD_KAFKA_RESP_ERR_NO_ERROR);
    const void* value = NULL;
    size_t size = 0;
    CHECK(rd_kafka_header_get_last(headers, "mine", &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR &&
          size == 1);
    printf("refused %s\n", rd_kafka_err2name(error));
  }
  fail = 0;
  CHECK(rd_kafka_producev(client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_KEY("k", 1),
                          RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
  printf("flush %d\n", rd_kafka_flush(client, 10000));
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(client);
  return 0;
}
