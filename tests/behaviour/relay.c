// Consumes one message at a time and sends each on inside its processing, as a C program does: poll, work,
// produce, destroy.
//
//   relay BROKERS FROM [-X name=value]… TO COUNT [forward]: `forward` sends the headers that came along too.
#include <unistd.h>

#include "../support/host.h"

int main(int count, char** values) {
  const int forward = strcmp(values[count - 1], "forward") == 0;
  const int options = count - 2 - forward;
  const char* to = values[options];
  const int messages = atoi(values[options + 1]);

  rd_kafka_conf_t* conf = host_conf(options, values);
  host_set(conf, "group.id", "relay");
  host_set(conf, "client.id", "relay-in");
  host_set(conf, "auto.offset.reset", "earliest");
  rd_kafka_t* consumer = host_client(RD_KAFKA_CONSUMER, conf);
  conf = host_conf(options, values);
  host_set(conf, "client.id", "relay-out");
  rd_kafka_t* producer = host_client(RD_KAFKA_PRODUCER, conf);

  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(4);
  for (int partition = 0; partition < 4; ++partition) {
    rd_kafka_topic_partition_list_add(topics, values[2], partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  CHECK(rd_kafka_assign(consumer, topics) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_destroy(topics);

  for (int done = 0; done < messages;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 1000);
    if (message == NULL) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      rd_kafka_headers_t* headers = NULL;
      rd_kafka_headers_t* copy = NULL;
      if (forward && rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
        copy = rd_kafka_headers_copy(headers);
      usleep(20000);
      rd_kafka_resp_err_t error =
          copy != NULL
              ? rd_kafka_producev(
                    producer, RD_KAFKA_V_TOPIC(to), RD_KAFKA_V_VALUE(message->payload, message->len),
                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(copy), RD_KAFKA_V_END)
              : rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(to),
                                  RD_KAFKA_V_VALUE(message->payload, message->len),
                                  RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
      CHECK(error == RD_KAFKA_RESP_ERR_NO_ERROR);
      ++done;
    }
    rd_kafka_message_destroy(message);
    usleep(5000);  // idle: no longer part of the processing
    CHECK(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(to), RD_KAFKA_V_VALUE("between", 7), RD_KAFKA_V_END) ==
          RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  CHECK(rd_kafka_flush(producer, 10000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  rd_kafka_destroy(producer);
  printf("relayed %d\n", messages);
  return 0;
}
