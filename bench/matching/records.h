// The records that a host writes into the ring, for the three ways of matching. Plain bytes, single version.
// `serial` is for the experiment only: it proves that a start and an end belong to one message.
#pragma once

#include <time.h>

#include <cstdint>

namespace bench::matching {

enum class RecordKind : std::uint16_t { kStart = 1, kEnd = 2, kSpan = 3 };

struct RecordHead {
  std::uint16_t size;
  RecordKind kind;
  std::uint32_t reserved;
};

struct SendFacts {
  std::uint64_t pointer;
  std::int64_t start_ns;
  std::uint64_t trace_id[2];
  std::uint64_t span_id;
  std::uint64_t parent_id;
  std::uint32_t topic;
  std::uint32_t client;
  std::uint32_t flags;
  std::uint32_t serial;
};

// `key` is the message's pointer (variants T and P) or its span id (variant H).
struct AckFacts {
  std::uint64_t key;
  std::int64_t end_ns;
  std::int64_t offset;
  std::int32_t partition;
  std::int32_t broker;
  std::int32_t error;
  std::int32_t persistence;
  std::uint32_t serial;
  std::uint32_t client;
};

struct StartRecord {
  RecordHead head;
  SendFacts sent;
  std::uint64_t reserved[3];
};

struct EndRecord {
  RecordHead head;
  AckFacts acknowledged;
};

struct SpanRecord {
  RecordHead head;
  SendFacts sent;
  std::int64_t end_ns;
  std::int64_t offset;
  std::int32_t partition;
  std::int16_t broker;
  std::int16_t error_and_persistence;
  std::uint32_t end_serial;
  std::uint32_t reserved[3];
};

static_assert(sizeof(StartRecord) == 96);
static_assert(sizeof(EndRecord) == 56);
static_assert(sizeof(SpanRecord) == 112);

inline std::int64_t now_ns(clockid_t clock = CLOCK_MONOTONIC) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

// A cheap invertible mix: spreads pointers, whose low bits are always zero, over a table.
inline std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 32;
  value *= 0x9E3779B97F4A7C15ULL;
  return value ^ (value >> 29);
}

}  // namespace bench::matching
