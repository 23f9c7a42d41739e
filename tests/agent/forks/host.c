// Processes that come from others, in every way, each with clients of its own.
//
//   host HOW WHEN REPORT BROKERS TOPIC [-X name=value]…
//
// HOW: fork, _Fork, clone (the bare system call), vfork (and exec of this program), daemon (fork, then
// daemon(3)). WHEN, seen from the first process:
//   before     it has no client yet
//   producing  its threads produce at full speed
//   resting    it has produced, and nothing is under way
//   misuse     it has clients, which its children use and destroy though they may not
//   leaving    it ends at once, and its children begin only then
//
// Each process sends messages, has a child of its own for the rest of the depth, and appends "PID MESSAGES"
// to REPORT.
#define _GNU_SOURCE
#include "../../support/host.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kThreads = 3, kChildren = 3, kDepth = 2, kMessages = 500 };

static int count;
static char** values;  // of host_conf: values[1] is BROKERS
static char** arguments;
static const char* how;
static const char* when;

static rd_kafka_t* inherited_producer;
static rd_kafka_topic_t* inherited_topic;
static rd_kafka_t* inherited_consumer;
static atomic_long sent_by_threads;
static atomic_bool stop;

static int is(const char* text, const char* wanted) { return strcmp(text, wanted) == 0; }

static void report(long messages) {
  char line[64];
  const int size = snprintf(line, sizeof line, "%d %ld\n", (int)syscall(SYS_getpid), messages);
  const int file = open(arguments[3], O_WRONLY | O_APPEND);
  CHECK(file >= 0 && write(file, line, (size_t)size) == size);
  close(file);
}

static rd_kafka_t* new_producer(void) {
  rd_kafka_conf_t* conf = host_conf(count, values);
  host_set(conf, "linger.ms", "1");
  return host_client(RD_KAFKA_PRODUCER, conf);
}

static void send_one(rd_kafka_t* client) {
  while (rd_kafka_producev(client, RD_KAFKA_V_TOPIC(values[2]), RD_KAFKA_V_VALUE("x", 1),
                           RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                           RD_KAFKA_V_END) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_poll(client, 1);
  }
  rd_kafka_poll(client, 0);
}

// --- children

// What no child may do, and some do: to send with the parent's client, to poll it, to destroy it. Nothing of
// it arrives anywhere, because the client's threads are not in this process.
static void misuse_what_was_inherited(void) {
  for (int number = 0; number < 10; ++number) {
    CHECK(rd_kafka_produce(inherited_topic, 0, RD_KAFKA_MSG_F_COPY, "lost", 4, NULL, 0, NULL) == 0);
    rd_kafka_poll(inherited_producer, 0);
    rd_kafka_message_t* message = rd_kafka_consumer_poll(inherited_consumer, 0);
    if (message != NULL) rd_kafka_message_destroy(message);
  }
}

// Its threads are not in this process, so nothing is waited for.
static void destroy_what_was_inherited(void) {
  rd_kafka_purge(inherited_producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING);
  rd_kafka_topic_destroy(inherited_topic);
  rd_kafka_destroy(inherited_producer);
}

static void descend(int depth);

static void live_as_a_child(int depth) {
  rd_kafka_t* client = NULL;
  if (is(when, "misuse")) misuse_what_was_inherited();
  client = new_producer();
  for (int number = 0; number < kMessages / 2; ++number) send_one(client);
  if (is(when, "misuse")) {
    misuse_what_was_inherited();
    destroy_what_was_inherited();
  }
  for (int number = 0; number < kMessages / 2; ++number) send_one(client);
  CHECK(rd_kafka_flush(client, 30000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  if (depth > 1 && !is(when, "misuse")) descend(depth - 1);
  rd_kafka_destroy(client);
  report(kMessages);
  _exit(0);
}

// Returns in the parent. The children are not waited for: they hold a pipe's end.
static void descend(int depth) {
  pid_t child = -1;
  if (is(how, "fork")) child = fork();
  if (is(how, "_Fork")) child = _Fork();
  if (is(how, "clone")) child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
  if (is(how, "daemon")) {
    child = fork();
    if (child == 0) CHECK(daemon(1, 1) == 0);
  }
  if (is(how, "vfork")) {
    static char number[2] = "0";
    static char* next[64];
    for (int at = 0; arguments[at] != NULL && at < 63; ++at) next[at] = arguments[at];
    number[0] = (char)('0' + depth);
    next[2] = number;
    child = vfork();
    if (child == 0) {
      execv("/proc/self/exe", next);
      _exit(97);
    }
  }
  CHECK(child >= 0);
  if (child == 0) live_as_a_child(depth);
}

// --- the first process

static void* produce_until_told(void* unused) {
  (void)unused;
  while (!atomic_load(&stop)) {
    send_one(inherited_producer);
    atomic_fetch_add(&sent_by_threads, 1);
  }
  return NULL;
}

// Then its threads are at rest, and hold no lock while this process forks.
static void wait_until_connected(rd_kafka_t* client) {
  const struct rd_kafka_metadata* metadata = NULL;
  CHECK(rd_kafka_metadata(client, 1, NULL, &metadata, 30000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_metadata_destroy(metadata);
}

static void make_clients(void) {
  inherited_producer = new_producer();
  inherited_topic = host_known_topic(inherited_producer, values[2], NULL);
  atomic_fetch_add(&sent_by_threads, 1);
  if (!is(when, "misuse")) return;
  rd_kafka_conf_t* conf = host_conf(count, values);
  host_set(conf, "group.id", "forks");
  inherited_consumer = host_client(RD_KAFKA_CONSUMER, conf);
  wait_until_connected(inherited_consumer);
}

static void let_children_begin_when_this_process_has_ended(void) {
  int ends[2];
  char nothing;
  CHECK(pipe(ends) == 0);
  for (int number = 0; number < kChildren; ++number) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child != 0) continue;
    close(ends[1]);
    CHECK(daemon(1, 1) == 0);
    CHECK(read(ends[0], &nothing, 1) == 0);
    live_as_a_child(1);
  }
}

int main(int all, char** first) {
  arguments = first;
  how = first[1];
  when = first[2];
  count = all - 3;
  values = first + 3;
  if (when[0] >= '1' && when[0] <= '9') live_as_a_child(when[0] - '0');  // after vfork and exec

  if (is(when, "leaving")) {
    let_children_begin_when_this_process_has_ended();
    return 5;
  }
  int ends[2];
  char nothing;
  CHECK(pipe(ends) == 0);
  pthread_t threads[kThreads];
  if (!is(when, "before")) make_clients();
  if (is(when, "resting")) {
    send_one(inherited_producer);
    atomic_fetch_add(&sent_by_threads, 1);
    CHECK(rd_kafka_flush(inherited_producer, 30000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  if (is(when, "producing")) {
    for (int number = 0; number < kThreads; ++number)
      CHECK(pthread_create(&threads[number], NULL, produce_until_told, NULL) == 0);
  }
  while (is(when, "producing") && atomic_load(&sent_by_threads) < kMessages) sched_yield();
  for (int number = 0; number < kChildren; ++number) descend(kDepth);
  atomic_store(&stop, 1);
  for (int number = 0; is(when, "producing") && number < kThreads; ++number)
    CHECK(pthread_join(threads[number], NULL) == 0);
  if (is(when, "before")) make_clients();
  close(ends[1]);
  CHECK(read(ends[0], &nothing, 1) == 0);  // the last descendant has ended

  for (int number = 0; number < kMessages; ++number) send_one(inherited_producer);
  CHECK(rd_kafka_flush(inherited_producer, 30000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  report(atomic_load(&sent_by_threads) + kMessages);
  rd_kafka_topic_destroy(inherited_topic);
  rd_kafka_destroy(inherited_producer);
  if (inherited_consumer != NULL) rd_kafka_destroy(inherited_consumer);
  while (waitpid(-1, NULL, 0) > 0) {
  }
  printf("done\n");
  return 0;
}
