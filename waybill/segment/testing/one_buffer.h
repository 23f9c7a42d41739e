#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "waybill/segment/layout.h"

namespace waybill::segment::testing {

// The simplest store for Reader::drain(): each record is forgotten when it was visited.
class OneBuffer {
 public:
  std::span<std::uint8_t> room(std::size_t size) { return std::span{bytes_}.first(size); }
  void keep(std::uint32_t, std::uint64_t, std::size_t) {}

 private:
  std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(kChunkSize);
};

}  // namespace waybill::segment::testing
