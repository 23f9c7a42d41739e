#include <cstddef>
#include <cstdint>

#include "tests/fuzz/play.h"

// libFuzzer's door to the propagators; bin/fuzz builds and runs it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  waybill::fuzz::play({bytes, size});
  return 0;
}
