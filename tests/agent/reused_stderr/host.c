// A program that was started without stderr, or closes it: the next file that it opens gets the number 2.
#include <fcntl.h>
#include <unistd.h>

#include "../../support/host.h"

int main(int count, char** values) {
  char content[256] = "";
  rd_kafka_conf_t* conf = host_conf(count, values);
  close(STDERR_FILENO);
  const int file = open(getenv("HOST_FILE"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  printf("number %d\n", file);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, content, sizeof content);
  if (client == NULL) return 97;
  rd_kafka_destroy(client);
  const ssize_t size = pread(file, content, sizeof content - 1, 0);
  printf("content: %.*s\n", (int)size, content);
  return 0;
}
