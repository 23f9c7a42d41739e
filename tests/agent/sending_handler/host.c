// A signal handler that produces. The signal is raised inside malloc, so it comes in the middle of the calls
// that librdkafka makes, and of what is done in its interceptors.
#include <signal.h>

#include "../../support/host.h"

void* __libc_malloc(size_t size);

static rd_kafka_t* other;
static char topic_of_handler[128];
static __thread int armed = 0;
static int handled = 0;

void* malloc(size_t size) {
  if (armed) raise(SIGUSR1);
  return __libc_malloc(size);
}

static void produce_elsewhere(int signal) {
  (void)signal;
  armed = 0;
  ++handled;
  CHECK(rd_kafka_producev(other, RD_KAFKA_V_TOPIC(topic_of_handler), RD_KAFKA_V_PARTITION(0),
                          RD_KAFKA_V_VALUE("h", 1), RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
  armed = 1;
}

int main(int count, char** values) {
  rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  other = host_client(RD_KAFKA_PRODUCER, host_conf(count, values));
  snprintf(topic_of_handler, sizeof topic_of_handler, "%s-of-handler", values[2]);
  CHECK(signal(SIGUSR1, produce_elsewhere) != SIG_ERR);
  rd_kafka_topic_t* topic = host_known_topic(client, values[2], NULL);
  for (int number = 0; number < 50; ++number) {
    armed = 1;
    const int result = rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, (void*)"x", 1, NULL, 0, NULL);
    armed = 0;
    CHECK(result == 0);
  }
  printf("flush %d\n", rd_kafka_flush(client, 10000));
  printf("flush of the handler's %d, %s\n", rd_kafka_flush(other, 10000),
         handled >= 50 ? "handled" : "not handled");
  fprintf(stderr, "handled %d\n", handled);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(client);
  rd_kafka_destroy(other);
  return 0;
}
