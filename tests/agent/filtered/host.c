// A program that forbids itself one system call, as a sandbox does: the kernel then answers EPERM.
// HOST_FORBIDS names the call; HOST_FORBIDS_WHEN is `before` its first client is made, or `after`.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "../../support/host.h"

static const struct {
  const char* name;
  unsigned number;
} kCalls[] = {
    {"openat", __NR_openat},         {"memfd_create", __NR_memfd_create}, {"mmap", __NR_mmap},
    {"madvise", __NR_madvise},       {"getrandom", __NR_getrandom},       {"renameat2", __NR_renameat2},
    {"ftruncate", __NR_ftruncate},   {"fallocate", __NR_fallocate},       {"newfstatat", __NR_newfstatat},
    {"getdents64", __NR_getdents64}, {"nanosleep", __NR_nanosleep},       {"readlink", __NR_readlink},
};

// Of mmap only what maps files: its fifth argument is not -1.
static void forbid(const char* name) {
  unsigned number = 0;
  for (size_t at = 0; at < sizeof kCalls / sizeof kCalls[0]; ++at) {
    if (strcmp(kCalls[at].name, name) == 0) number = kCalls[at].number + 1;
  }
  CHECK(number-- != 0);
  const unsigned file_argument = number == __NR_mmap ? offsetof(struct seccomp_data, args[4]) : 0;
  struct sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, file_argument),  // of others the number, which is not -1 either
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xffffffffU, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = {sizeof steps / sizeof steps[0], steps};
  CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static rd_kafka_t* client;
static const char* topic;

static void* send_one(void* number) {
  CHECK(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(number, strlen(number)),
                          RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
  return NULL;
}

int main(int count, char** values) {
  const int before = strcmp(getenv("HOST_FORBIDS_WHEN"), "before") == 0;
  rd_kafka_conf_t* confs[2] = {host_conf(count, values), host_conf(count, values)};
  topic = values[2];
  for (int turn = 0; turn < 2; ++turn) {
    if (turn == (before ? 0 : 1)) forbid(getenv("HOST_FORBIDS"));
    client = host_client(RD_KAFKA_PRODUCER, confs[turn]);
    for (int number = 0; number < 50; ++number) {  // each on a thread of its own, one after the other
      pthread_t thread;
      CHECK(pthread_create(&thread, NULL, send_one, "key") == 0);
      CHECK(pthread_join(thread, NULL) == 0);
    }
    printf("flush %d\n", rd_kafka_flush(client, 10000));
    rd_kafka_destroy(client);
  }
  return 0;
}
