#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "waybill/context/span_context.h"
#include "waybill/segment/record.h"

// Between the room's types and the fields of records.
namespace waybill::observe::internal {

// Values of HostSettings::inject and ::process.
inline constexpr std::uint8_t kInjectAlways = 0;
inline constexpr std::uint8_t kInjectSampled = 1;
inline constexpr std::uint8_t kInjectNever = 2;
inline constexpr std::uint8_t kProcessThread = 1;
inline constexpr std::uint8_t kProcessNone = 2;

inline segment::RecordContext to_record(const context::SpanContext& context) {
  segment::RecordContext record{};
  record.trace_id = context.trace_id.bytes;
  record.span_id = context.span_id.bytes;
  record.flags = context.flags;
  return record;
}

// How records name an operation: by the bytes of its span's id.
inline std::uint64_t operation_of(const context::SpanId& id) {
  std::uint64_t operation = 0;
  std::memcpy(&operation, id.bytes.data(), sizeof operation);
  return operation;
}

inline std::uint8_t with_sampled(std::uint8_t flags, bool sampled) {
  return static_cast<std::uint8_t>((flags & ~context::kFlagSampled) | (sampled ? context::kFlagSampled : 0));
}

// The key as far as a record holds it; sets the bits that tell null from empty and whole from cut.
inline std::string_view key_for_record(const void* key, std::size_t size, bool capture, std::uint8_t& bits) {
  if (key == nullptr || !capture) return {};
  bits |= segment::bits::kHasKey;
  if (size > segment::kMaxKey) {
    bits |= segment::bits::kKeyCut;
    size = segment::kMaxKey;
  }
  return {static_cast<const char*>(key), size};
}

}  // namespace waybill::observe::internal
