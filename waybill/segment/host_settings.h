#pragma once

#include <cstdint>

namespace waybill::segment {

// The settings that a host needs at its hot path, resolved by the collecting side from the host's own
// environment. One word and the ratio's threshold, so that the host reads them without a lock and a change
// shows at once.
struct HostSettings {
  bool enabled = true;            // false: the kill switch; nothing is touched
  bool record = true;             // false: a context still travels on, but no span is made
  bool propagate = true;          // W3C Trace Context is read from and written to headers
  bool replace_existing = false;  // a user's own context in the headers is replaced
  bool relation_link = false;     // a process span starts a new trace and only links to the message
  bool capture_key = true;
  std::uint8_t sampler = 3;  // context::Sampler::Kind; 3: parent-based, always on
  std::uint8_t inject = 0;   // 0 always, 1 sampled, 2 never
  std::uint8_t process = 0;  // 0 auto, 1 thread, 2 none
  std::uint64_t ratio_threshold = ~0ULL;

  std::uint64_t pack() const {
    return bit(enabled, 0) | bit(record, 1) | bit(propagate, 2) | bit(replace_existing, 3) |
           bit(relation_link, 4) | bit(capture_key, 5) | static_cast<std::uint64_t>(sampler) << 16U |
           static_cast<std::uint64_t>(inject) << 24U | static_cast<std::uint64_t>(process) << 32U;
  }

  static HostSettings unpack(std::uint64_t word, std::uint64_t ratio_threshold) {
    HostSettings settings;
    settings.enabled = has(word, 0);
    settings.record = has(word, 1);
    settings.propagate = has(word, 2);
    settings.replace_existing = has(word, 3);
    settings.relation_link = has(word, 4);
    settings.capture_key = has(word, 5);
    settings.sampler = static_cast<std::uint8_t>(word >> 16U);
    settings.inject = static_cast<std::uint8_t>(word >> 24U);
    settings.process = static_cast<std::uint8_t>(word >> 32U);
    settings.ratio_threshold = ratio_threshold;
    return settings;
  }

  friend bool operator==(const HostSettings&, const HostSettings&) = default;

 private:
  static std::uint64_t bit(bool value, unsigned place) { return static_cast<std::uint64_t>(value) << place; }
  static bool has(std::uint64_t word, unsigned place) { return ((word >> place) & 1U) != 0; }
};

// Stands in the file "collector" of a runtime directory: who reads there, and what a host uses until its own
// settings come. The collecting side writes it before a host starts and refreshes the heartbeat.
struct CollectorFile {
  std::uint64_t magic;
  std::uint64_t heartbeat_ns;  // CLOCK_MONOTONIC
  std::uint64_t settings_word;
  std::uint64_t ratio_threshold;
  std::int32_t pid;
  std::uint32_t version;
};
inline constexpr std::uint64_t kCollectorMagic = 0x54'43'45'4C'4C'4F'43'57;  // "WCOLLECT"
inline constexpr const char* kCollectorFileName = "collector";
inline constexpr const char* kSegmentSuffix = ".segment";

// A reader that has not shown itself for so long is gone.
inline constexpr std::uint64_t kReaderPatienceNs = 5'000'000'000;

}  // namespace waybill::segment
