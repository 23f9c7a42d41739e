// Only in bench-allocations: counts allocations, of all threads and of each.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "measure.h"

extern "C" {
void* __libc_malloc(std::size_t size);  // NOLINT(bugprone-reserved-identifier): glibc's own name
void* __libc_calloc(std::size_t count, std::size_t size);  // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* memory, std::size_t size);      // NOLINT(bugprone-reserved-identifier)
}

namespace {

constinit std::atomic<std::uint64_t> allocations{0};
constinit thread_local std::uint64_t allocations_here = 0;

void count_one() {
  allocations.fetch_add(1, std::memory_order_relaxed);
  ++allocations_here;
}

}  // namespace

waybill::bench::Allocations waybill::bench::allocations_so_far() {
  return {allocations.load(), allocations_here};
}

extern "C" void* malloc(std::size_t size) {
  count_one();
  return __libc_malloc(size);
}

extern "C" void* calloc(std::size_t count, std::size_t size) {
  count_one();
  return __libc_calloc(count, size);
}

extern "C" void* realloc(void* memory, std::size_t size) {
  count_one();
  return __libc_realloc(memory, size);
}
