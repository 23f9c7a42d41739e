// What belongs to the calling thread is looked at after each call, and inside each callback: errno, signal
// mask, locale, rounding mode, floating-point exceptions, and librdkafka's last error.
#include <errno.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>

#include "../../support/host.h"

static void arrange(void) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR2);
  sigaddset(&mask, SIGWINCH);
  CHECK(pthread_sigmask(SIG_SETMASK, &mask, NULL) == 0);
  CHECK(fesetround(FE_DOWNWARD) == 0);
  feclearexcept(FE_ALL_EXCEPT);
  feraiseexcept(FE_INEXACT);
  CHECK(uselocale(newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0)) != (locale_t)0);
  errno = EXDEV;
}

static void look(const char* where, int with_errno) {
  const int error = errno;
  sigset_t mask;
  int number = 0;
  int signals = 0;
  CHECK(pthread_sigmask(SIG_SETMASK, NULL, &mask) == 0);
  for (int signal = 1; signal < 64; ++signal)
    signals += sigismember(&mask, signal) == 1 ? (++number, signal) : 0;
  printf("%s: %d signals blocked, sum %d, rounding %d, exceptions %d, codeset %s, last error %s", where,
         number, signals, fegetround(), fetestexcept(FE_ALL_EXCEPT), MB_CUR_MAX > 1 ? "UTF-8" : "C",
         rd_kafka_err2name(rd_kafka_last_error()));
  // What librdkafka itself leaves in errno differs from run to run where it waits.
  if (with_errno) printf(", errno %d", error);
  printf("\n");
  errno = EXDEV;
}

static int32_t partition(const rd_kafka_topic_t* topic, const void* key, size_t key_size, int32_t partitions,
                         void* opaque, void* message_opaque) {
  (void)topic, (void)key, (void)key_size, (void)partitions, (void)opaque, (void)message_opaque;
  look("partitioner", 1);
  return 0;
}

static void delivered(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) {
  (void)client, (void)message, (void)opaque;
  look("delivery report", 0);
}

static int seen = 0;

static void consumed(rd_kafka_message_t* message, void* opaque) {
  (void)opaque;
  if (message->err) return;
  if (seen++ == 0) look("consume callback", 0);  // how many more one call takes differs from run to run
}

int main(int count, char** values) {
  rd_kafka_conf_t* conf = host_conf(count, values);
  rd_kafka_conf_t* consumer_conf = host_conf(count, values);
  rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  arrange();
  rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, conf);
  look("new", 1);
  rd_kafka_topic_conf_t* topic_conf = rd_kafka_topic_conf_new();
  rd_kafka_topic_conf_set_partitioner_cb(topic_conf, partition);
  rd_kafka_topic_t* topic = host_known_topic(client, values[2], topic_conf);
  errno = EXDEV;
  CHECK(rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, (void*)"x", 1, "k", 1, NULL) ==
        0);
  look("produce", 1);
  CHECK(rd_kafka_produce(topic, 999, RD_KAFKA_MSG_F_COPY, (void*)"x", 1, "k", 1, NULL) == -1);
  look("produce to an unknown partition", 1);
  CHECK(rd_kafka_flush(client, 10000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  look("flush", 0);
  rd_kafka_poll(client, 0);
  look("poll", 0);

  rd_kafka_t* consumer = host_client(RD_KAFKA_CONSUMER, consumer_conf);
  look("new consumer", 1);
  rd_kafka_topic_t* consumed_topic = rd_kafka_topic_new(consumer, values[2], NULL);
  CHECK(rd_kafka_consume_start(consumed_topic, 0, RD_KAFKA_OFFSET_BEGINNING) == 0);
  while (seen < 1) rd_kafka_consume_callback(consumed_topic, 0, 1000, consumed, NULL);
  look("consume_callback", 0);
  // That call may have taken all there was.
  CHECK(rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, (void*)"x", 1, "k", 1, NULL) == 0);
  CHECK(rd_kafka_flush(client, 10000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_message_t* message = NULL;
  while (message == NULL) message = rd_kafka_consume(consumed_topic, 0, 1000);
  look("consume", 0);
  errno = EXDEV;
  rd_kafka_message_destroy(message);
  look("message_destroy", 1);
  rd_kafka_consume_stop(consumed_topic, 0);
  rd_kafka_topic_destroy(consumed_topic);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(consumer);
  rd_kafka_destroy(client);
  look("destroy", 0);
  return 0;
}
