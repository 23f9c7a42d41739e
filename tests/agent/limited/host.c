// A program that limits itself before it makes its clients. HOST_LIMIT says what:
//   segment_space   address space for everything but a segment of 1 GiB
//   room_space      address space for small things only
//   files=N         N descriptors
//   file_size       no file may grow
#include <sys/resource.h>

#include "../../support/host.h"

static unsigned long long address_space(void) {
  unsigned long long pages = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  CHECK(file != NULL && fscanf(file, "%llu", &pages) == 1);
  fclose(file);
  return pages * 4096;
}

static void limit(int resource, unsigned long long most) {
  const struct rlimit wanted = {most, most};
  CHECK(setrlimit(resource, &wanted) == 0);
}

int main(int count, char** values) {
  const char* what = getenv("HOST_LIMIT");
  CHECK(what != NULL);
  limit(RLIMIT_STACK, 256 * 1024);  // librdkafka's threads take so much each
  rd_kafka_conf_t* confs[2] = {host_conf(count, values), host_conf(count, values)};
  if (strcmp(what, "segment_space") == 0) limit(RLIMIT_AS, address_space() + (768ULL << 20));
  if (strcmp(what, "room_space") == 0) limit(RLIMIT_AS, address_space() + (12ULL << 20));
  if (strcmp(what, "file_size") == 0) limit(RLIMIT_FSIZE, 0);
  if (strncmp(what, "files=", 6) == 0) limit(RLIMIT_NOFILE, (unsigned long long)atoi(what + 6));

  // Nothing is sent: what librdkafka does without memory or sockets is not the same twice.
  for (int turn = 0; turn < 2; ++turn) {
    char error[256];
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, confs[turn], error, sizeof error);
    printf("client %s\n", client != NULL ? "made" : error);
    if (client == NULL) {
      rd_kafka_conf_destroy(confs[turn]);
      continue;
    }
    CHECK(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(values[2]), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END) ==
          RD_KAFKA_RESP_ERR_NO_ERROR);
    CHECK(rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT) ==
          RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(client);
  }
  return 0;
}
