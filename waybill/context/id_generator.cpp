#include "waybill/context/id_generator.h"

#include <bit>
#include <cstring>

namespace waybill::context {
namespace {

std::uint64_t split_mix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15ULL;
  std::uint64_t value = state;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31U);
}

}  // namespace

void IdGenerator::seed(std::uint64_t first, std::uint64_t second) {
  state_[0] = split_mix(first);
  state_[1] = split_mix(first);
  state_[2] = split_mix(second);
  state_[3] = split_mix(second) | 1U;
}

std::uint64_t IdGenerator::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

TraceId IdGenerator::next_trace_id() {
  TraceId id;
  do {
    const std::uint64_t halves[2] = {next(), next()};
    std::memcpy(id.bytes.data(), halves, sizeof halves);
  } while (!id.valid());
  return id;
}

SpanId IdGenerator::next_span_id() {
  SpanId id;
  do {
    const std::uint64_t value = next();
    std::memcpy(id.bytes.data(), &value, sizeof value);
  } while (!id.valid());
  return id;
}

}  // namespace waybill::context
