#pragma once

#include <array>
#include <cstdint>

#include "waybill/segment/layout.h"

namespace waybill::segment {

// The settings that a host needs at its hot path, resolved by the collecting side from the host's own
// environment. What they say of single topics and headers stands beside them, in a RuleTable.
struct HostSettings {
  bool enabled = true;            // false: the kill switch; nothing is touched
  bool record = true;             // false: a context still travels on, but no span is made
  bool record_unsampled = false;  // the collecting side chooses among those that are not sampled
  bool replace_existing = false;  // a user's own context in the headers is replaced
  bool relation_link = false;     // a process span starts a new trace and only links to the message
  bool capture_key = true;
  bool count = true;         // metrics: what happens is counted, sampled or not
  bool has_filters = false;  // those of the RuleTable count; else only Kafka's own topics are left out
  bool sends = true;         // whether spans of that kind are made
  bool receives = true;
  bool processes = true;
  bool settles = true;
  bool transactions = true;
  bool creates = true;
  bool capture_headers = false;      // those that the RuleTable names
  bool count_partitions = false;     // each partition for itself
  std::uint8_t inject = 0;           // 0 always, 1 sampled, 2 never
  std::uint8_t process = 0;          // 0 auto, 1 thread, 2 none
  std::uint32_t propagators = 0x21;  // context::Propagators; 0x21: trace context, then baggage
  // A context::Sampler for each context::ParentKind; parent-based, always on.
  std::array<std::uint8_t, 5> samplers{0, 0, 1, 0, 1};
  std::array<std::uint64_t, 5> sampler_arguments{};
};

// The same as it stands in the segment.
constexpr SettingsWords pack(const HostSettings& settings) {
  const auto bit = [](bool value, unsigned place) { return static_cast<std::uint64_t>(value) << place; };
  SettingsWords words{};
  words.word = bit(settings.enabled, 0) | bit(settings.record, 1) | bit(settings.record_unsampled, 2) |
               bit(settings.replace_existing, 3) | bit(settings.relation_link, 4) |
               bit(settings.capture_key, 5) | bit(settings.count, 6) | bit(settings.has_filters, 7) |
               bit(settings.sends, 8) | bit(settings.receives, 9) | bit(settings.processes, 10) |
               bit(settings.capture_headers, 11) | bit(settings.count_partitions, 12) |
               bit(settings.settles, 16) | bit(settings.transactions, 17) | bit(settings.creates, 18) |
               static_cast<std::uint64_t>(settings.inject) << 24U |
               static_cast<std::uint64_t>(settings.process) << 32U |
               static_cast<std::uint64_t>(settings.propagators) << 40U;
  for (unsigned at = 0; at < 5; ++at) {
    words.samplers |= static_cast<std::uint64_t>(settings.samplers[at]) << 8 * at;
    words.sampler_arguments[at] = settings.sampler_arguments[at];
  }
  return words;
}

// What the host reads of it for each message, without a lock: a change shows at once.
struct PackedSettings {
  std::uint64_t word = 0;
  std::uint64_t samplers = 0;
  std::uint64_t version = 0;  // whose they are; 0: those of the collector's file

  constexpr bool enabled() const { return has(0); }
  constexpr bool record() const { return has(1); }
  constexpr bool record_unsampled() const { return has(2); }
  constexpr bool replace_existing() const { return has(3); }
  constexpr bool relation_link() const { return has(4); }
  constexpr bool capture_key() const { return has(5); }
  constexpr bool count() const { return has(6); }
  constexpr bool counts() const { return enabled() && count(); }
  constexpr bool has_filters() const { return has(7); }
  constexpr bool sends() const { return record() && has(8); }
  constexpr bool receives() const { return record() && has(9); }
  constexpr bool processes() const { return record() && has(10); }
  constexpr bool settles() const { return record() && has(16); }
  constexpr bool creates() const { return record() && has(18); }
  constexpr bool transactions() const { return record() && has(17); }
  constexpr bool capture_headers() const { return has(11); }
  constexpr bool count_partitions() const { return has(12); }
  constexpr std::uint8_t inject() const { return static_cast<std::uint8_t>(word >> 24U); }
  constexpr std::uint8_t process() const { return static_cast<std::uint8_t>(word >> 32U); }
  constexpr std::uint32_t propagators() const { return static_cast<std::uint32_t>(word >> 40U); }
  // `parent`: a context::ParentKind.
  constexpr std::uint8_t sampler(unsigned parent) const {
    return static_cast<std::uint8_t>(samplers >> 8 * parent);
  }

 private:
  constexpr bool has(unsigned place) const { return ((word >> place) & 1U) != 0; }
};

// Stands in the file "collector" of a runtime directory: who reads there, and what a host uses until its own
// settings come. The collecting side writes it before a host starts and refreshes the heartbeat.
struct CollectorFile {
  std::uint64_t magic;
  std::uint64_t heartbeat_ns;  // CLOCK_MONOTONIC
  SettingsWords settings;
  std::int32_t pid;
  std::uint32_t version;
};
inline constexpr std::uint64_t kCollectorMagic = 0x54'43'45'4C'4C'4F'43'57;  // "WCOLLECT"
inline constexpr const char* kCollectorFileName = "collector";
inline constexpr const char* kSegmentSuffix = ".segment";

// A reader that has not shown itself for so long is gone.
inline constexpr std::uint64_t kReaderPatienceNs = 5'000'000'000;

}  // namespace waybill::segment
