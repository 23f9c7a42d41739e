// A program that changes its surroundings. HOST_MOVES says how, HOST_MOVES_WHEN whether `before` its first
// client is made or `after` that one's end:
//   close      closes every descriptor above 2, as a daemon does
//   chdir      goes to /
//   chroot     makes an empty folder its root (HOST_ROOT)
//   setuid     becomes a user without rights
#define _GNU_SOURCE
#include <unistd.h>

#include "../../support/host.h"

static void move(const char* how) {
  if (strcmp(how, "close") == 0) closefrom(3);
  if (strcmp(how, "chdir") == 0) CHECK(chdir("/") == 0);
  if (strcmp(how, "chroot") == 0) CHECK(chroot(getenv("HOST_ROOT")) == 0 && chdir("/") == 0);
  if (strcmp(how, "setuid") == 0) CHECK(setgid(65534) == 0 && setuid(65534) == 0);
}

int main(int count, char** values) {
  const int before = strcmp(getenv("HOST_MOVES_WHEN"), "before") == 0;
  rd_kafka_conf_t* confs[2] = {host_conf(count, values), host_conf(count, values)};
  for (int turn = 0; turn < 2; ++turn) {
    if (turn == (before ? 0 : 1)) move(getenv("HOST_MOVES"));
    rd_kafka_t* client = host_client(RD_KAFKA_PRODUCER, confs[turn]);
    CHECK(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(values[2]), RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END) ==
          RD_KAFKA_RESP_ERR_NO_ERROR);
    printf("flush %d\n", rd_kafka_flush(client, 10000));
    rd_kafka_destroy(client);
  }
  return 0;
}
