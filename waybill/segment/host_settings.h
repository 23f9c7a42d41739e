#pragma once

#include <cstdint>

namespace waybill::segment {

// The settings that a host needs at its hot path, resolved by the collecting side from the host's own
// environment.
struct HostSettings {
  bool enabled = true;            // false: the kill switch; nothing is touched
  bool record = true;             // false: a context still travels on, but no span is made
  bool replace_existing = false;  // a user's own context in the headers is replaced
  bool relation_link = false;     // a process span starts a new trace and only links to the message
  bool capture_key = true;
  bool count = true;  // metrics: what happens is counted, sampled or not
  bool sends = true;  // whether spans of that kind are made
  bool receives = true;
  bool processes = true;
  std::uint8_t sampler = 3;                // context::Sampler::Kind; 3: parent-based, always on
  std::uint8_t inject = 0;                 // 0 always, 1 sampled, 2 never
  std::uint8_t process = 0;                // 0 auto, 1 thread, 2 none
  std::uint16_t propagators = 0x21;        // context::Propagators; 0x21: trace context, then baggage
  std::uint64_t sampler_argument = ~0ULL;  // context::Sampler::argument
};

// The same in two words, as they stand in the segment: the host reads them without a lock, looks at what it
// needs, and a change shows at once.
struct PackedSettings {
  std::uint64_t word = 0;
  std::uint64_t sampler_argument = 0;

  constexpr PackedSettings() = default;
  constexpr PackedSettings(std::uint64_t from_word, std::uint64_t threshold)
      : word{from_word}, sampler_argument{threshold} {}
  constexpr explicit PackedSettings(const HostSettings& settings)
      : word{bit(settings.enabled, 0) | bit(settings.record, 1) | bit(settings.replace_existing, 3) |
             bit(settings.relation_link, 4) | bit(settings.capture_key, 5) | bit(settings.count, 6) |
             bit(settings.sends, 7) | bit(settings.receives, 8) | bit(settings.processes, 9) |
             static_cast<std::uint64_t>(settings.sampler) << 16U |
             static_cast<std::uint64_t>(settings.inject) << 24U |
             static_cast<std::uint64_t>(settings.process) << 32U |
             static_cast<std::uint64_t>(settings.propagators) << 40U},
        sampler_argument{settings.sampler_argument} {}

  constexpr bool enabled() const { return has(0); }
  constexpr bool record() const { return has(1); }
  constexpr bool replace_existing() const { return has(3); }
  constexpr bool relation_link() const { return has(4); }
  constexpr bool capture_key() const { return has(5); }
  constexpr bool count() const { return has(6); }
  constexpr bool sends() const { return record() && has(7); }
  constexpr bool receives() const { return record() && has(8); }
  constexpr bool processes() const { return record() && has(9); }
  constexpr std::uint8_t sampler() const { return static_cast<std::uint8_t>(word >> 16U); }
  constexpr std::uint8_t inject() const { return static_cast<std::uint8_t>(word >> 24U); }
  constexpr std::uint8_t process() const { return static_cast<std::uint8_t>(word >> 32U); }
  constexpr std::uint16_t propagators() const { return static_cast<std::uint16_t>(word >> 40U); }

  friend constexpr bool operator==(const PackedSettings&, const PackedSettings&) = default;

 private:
  static constexpr std::uint64_t bit(bool value, unsigned place) {
    return static_cast<std::uint64_t>(value) << place;
  }
  constexpr bool has(unsigned place) const { return ((word >> place) & 1U) != 0; }
};

// Stands in the file "collector" of a runtime directory: who reads there, and what a host uses until its own
// settings come. The collecting side writes it before a host starts and refreshes the heartbeat.
struct CollectorFile {
  std::uint64_t magic;
  std::uint64_t heartbeat_ns;  // CLOCK_MONOTONIC
  std::uint64_t settings_word;
  std::uint64_t sampler_argument;
  std::int32_t pid;
  std::uint32_t version;
};
inline constexpr std::uint64_t kCollectorMagic = 0x54'43'45'4C'4C'4F'43'57;  // "WCOLLECT"
inline constexpr const char* kCollectorFileName = "collector";
inline constexpr const char* kSegmentSuffix = ".segment";

// A reader that has not shown itself for so long is gone.
inline constexpr std::uint64_t kReaderPatienceNs = 5'000'000'000;

}  // namespace waybill::segment
