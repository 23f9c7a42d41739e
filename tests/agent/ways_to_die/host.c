// Several threads produce and one consumes, all at full speed, until so many records have been counted; then
// the program dies in the given way, on the thread that counted the last one, while the others go on.
//
//   host WAY RECORDS COUNTERS COUNTERS_AFTER BROKERS TOPIC [-X name=value]…
//
// The file COUNTERS holds what is proven. The way "exec" becomes this program again, which then sends a few
// messages, counts them in COUNTERS_AFTER, and ends as one should; "exec_cat" becomes cat.
#define _GNU_SOURCE
#include "../../support/counters.h"

#include <pthread.h>
#include <signal.h>

enum { kProducers = 3, kPartitions = 4, kExitCode = 7, kMessagesAfterExec = 100 };
enum { kMostAhead = 10000 };  // so many messages may wait for the consumer

static char** arguments;
static char* way;
static uint64_t enough;
static struct counters* counters;
static rd_kafka_t* producer;
static rd_kafka_t* consumer;
static rd_kafka_topic_t* topic;

static void become_the_next_program(void) {
  static char* next[64];
  static char* environment[1024];
  int size = 0;
  for (; arguments[size] != NULL && size < 63; ++size) next[size] = arguments[size];
  next[1] = (char*)"end";
  next[3] = arguments[4];
  size = 0;
  for (char** one = environ; *one != NULL && size < 1022; ++one) {
    if (strncmp(*one, "OTEL_SERVICE_NAME=", 18) != 0) environment[size++] = *one;
  }
  environment[size] = (char*)"OTEL_SERVICE_NAME=after-exec";
  execve("/proc/self/exe", next, environment);
  abort();
}

static void die(void) {
  if (strcmp(way, "exit") == 0) exit(kExitCode);
  if (strcmp(way, "quick_exit") == 0) quick_exit(kExitCode);
  if (strcmp(way, "abort") == 0) abort();
  if (strcmp(way, "SIGTERM") == 0) kill(getpid(), SIGTERM);
  if (strcmp(way, "SIGKILL") == 0) kill(getpid(), SIGKILL);
  if (strcmp(way, "exec") == 0) become_the_next_program();
  if (strcmp(way, "exec_cat") == 0) execl("/bin/cat", "cat", (char*)NULL);
  if (strcmp(way, "_exit") == 0 || strcmp(way, "main_thread_first") == 0) _exit(kExitCode);
  for (;;) pause();  // the signal may be another thread's
}

static void count(_Atomic uint64_t* counter) {
  static atomic_flag dying = ATOMIC_FLAG_INIT;
  atomic_fetch_add(counter, 1);
  const int enough_of_all =
      counters_sum(counters) >= enough && atomic_load(&counters->finished) >= enough / 10;
  if (enough_of_all && !atomic_flag_test_and_set(&dying)) die();
}

static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) {
  (void)client, (void)opaque;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) count(&counters->delivered);
}

static int far_ahead_of_the_consumer(void) {
  return atomic_load(&counters->produced) > atomic_load(&counters->handed_over) + kMostAhead;
}

static void* produce_for_ever(void* number) {
  for (int32_t turn = (int32_t)(intptr_t)number;; ++turn) {
    char value[32];
    const int size = snprintf(value, sizeof value, "message %d", turn);
    while (far_ahead_of_the_consumer()) rd_kafka_poll(producer, 1);
    if (rd_kafka_produce(topic, turn % kPartitions, RD_KAFKA_MSG_F_COPY, value, (size_t)size, NULL, 0,
                         NULL) == 0)
      count(&counters->produced);
    rd_kafka_poll(producer, 0);
  }
  return NULL;
}

static void* consume_for_ever(void* unused) {
  (void)unused;
  for (;;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 100);
    if (message == NULL) continue;
    const int is_message = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (is_message) count(&counters->handed_over);
    rd_kafka_message_destroy(message);
    if (is_message) count(&counters->finished);
  }
  return NULL;
}

static rd_kafka_t* new_consumer(int count, char** values) {
  rd_kafka_conf_t* conf = host_conf(count, values);
  host_set(conf, "group.id", "ways-to-die");
  host_set(conf, "auto.offset.reset", "earliest");
  host_set(conf, "fetch.wait.max.ms", "10");
  rd_kafka_t* client = host_client(RD_KAFKA_CONSUMER, conf);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(kPartitions);
  rd_kafka_topic_partition_list_add_range(topics, values[2], 0, kPartitions - 1);
  for (int at = 0; at < topics->cnt; ++at) topics->elems[at].offset = RD_KAFKA_OFFSET_BEGINNING;
  CHECK(rd_kafka_assign(client, topics) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_destroy(topics);
  return client;
}

static int end_as_one_should(void) {
  for (int number = 0; number < kMessagesAfterExec; ++number) {
    CHECK(rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, "after", 5, NULL, 0, NULL) == 0);
    count(&counters->produced);
  }
  CHECK(rd_kafka_flush(producer, 20000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
  return kExitCode;
}

int main(int count, char** values) {
  arguments = values;
  way = values[1];
  enough = strtoull(values[2], NULL, 10);
  counters = counters_map(values[3]);
  count -= 4;
  values += 4;

  rd_kafka_conf_t* conf = host_conf(count, values);
  host_set(conf, "linger.ms", "1");
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  producer = host_client(RD_KAFKA_PRODUCER, conf);
  topic = host_known_topic(producer, values[2], NULL);
  atomic_fetch_add(&counters->produced, 1);  // the warm-up
  if (strcmp(way, "end") == 0) return end_as_one_should();

  printf("started\n");
  fflush(stdout);
  consumer = new_consumer(count, values);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, consume_for_ever, NULL) == 0);
  for (intptr_t number = 0; number < kProducers; ++number)
    CHECK(pthread_create(&thread, NULL, produce_for_ever, (void*)number) == 0);
  if (strcmp(way, "main_thread_first") == 0) pthread_exit(NULL);
  for (;;) pause();
}
