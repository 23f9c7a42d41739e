// Deletes the records before an offset: delete_records HOST:PORT TOPIC PARTITION OFFSET
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argument_count, char** arguments) {
  if (argument_count != 5) return 2;
  char text[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", arguments[1], text, sizeof text);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  rd_kafka_queue_t* answers = rd_kafka_queue_new(client);
  rd_kafka_topic_partition_list_t* before = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(before, arguments[2], atoi(arguments[3]))->offset = atoll(arguments[4]);
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(before);
  rd_kafka_DeleteRecords(client, &request, 1, NULL, answers);
  rd_kafka_event_t* answer = rd_kafka_queue_poll(answers, 30000);
  const rd_kafka_topic_partition_list_t* done =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(answer));
  const int failed = done == NULL || done->elems[0].err != RD_KAFKA_RESP_ERR_NO_ERROR;
  if (failed) fprintf(stderr, "%s\n", rd_kafka_event_error_string(answer));
  rd_kafka_event_destroy(answer);
  rd_kafka_DeleteRecords_destroy(request);
  rd_kafka_topic_partition_list_destroy(before);
  rd_kafka_queue_destroy(answers);
  rd_kafka_destroy(client);
  return failed;
}
