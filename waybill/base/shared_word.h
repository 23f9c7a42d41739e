#pragma once

#include <atomic>

namespace waybill::base {

// A word in memory that several threads or processes use, as an atomic. The memory starts zeroed and is never
// constructed: it comes from mmap, and the kernel may zero it again in the child of a fork.
template <typename Word>
std::atomic_ref<Word> shared(Word& word) {
  return std::atomic_ref<Word>{word};
}

}  // namespace waybill::base
