// Numbers that a test program counts in a file, which the test reads when the program is no more: the truth
// that survives every death.
#ifndef WAYBILL_TESTS_SUPPORT_COUNTERS_H
#define WAYBILL_TESTS_SUPPORT_COUNTERS_H

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host.h"

// In the order in which counters.py names them.
struct counters {
  _Atomic uint64_t produced;     // rd_kafka_produce took the message
  _Atomic uint64_t delivered;    // a delivery report came, without an error
  _Atomic uint64_t handed_over;  // a poll returned the message
  _Atomic uint64_t finished;     // … and rd_kafka_message_destroy of it has returned
};

static inline struct counters* counters_map(const char* path) {
  const int file = open(path, O_RDWR);
  CHECK(file >= 0);
  void* mapped = mmap(NULL, sizeof(struct counters), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  CHECK(mapped != MAP_FAILED);
  close(file);
  return mapped;
}

static inline uint64_t counters_sum(struct counters* counters) {
  return atomic_load(&counters->produced) + atomic_load(&counters->delivered) +
         atomic_load(&counters->handed_over) + atomic_load(&counters->finished);
}

#endif
