#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "waybill/segment/layout.h"

namespace waybill::observe {

// How the host's language runs the application's code; decides where the end of processing can be seen.
enum class HostRuntime : std::uint8_t {
  kNative,   // C, C++: rd_kafka_message_destroy ends it, or the next poll
  kCopying,  // Python: the binding destroys its message at once, so the next poll ends it
  kMoving,   // Go, Node.js, .NET: work moves between threads; it cannot be seen
};

// The little that a host reads by itself; everything else is resolved on the collecting side. Made by the
// agent.
struct HostOptions {
  bool enabled = true;
  char runtime_directory[256] = {};
  std::uint64_t segment_size = segment::kDefaultSegmentSize;
  HostRuntime runtime = HostRuntime::kNative;
  char program[64] = {};
  // The host's OTEL_* and WAYBILL_* variables, NAME=value with a zero byte after each.
  char environment[segment::kEnvironmentSize] = {};
  std::size_t environment_size = 0;
  char left_out[64] = {};  // the first variable that had no room there; empty: none

  // Appends NAME=value unless it has no room; a later line counts more than an earlier one.
  void add_variable(std::string_view name_and_value);
  void add_variable(std::string_view name, std::string_view value);
};

// Fills `options` from the variables in `variables` (environ) and the executable's name. Thread: the one that
// makes a client; reads the environment, as getenv does.
void read_host_options(const char* const* variables, HostOptions& options);

// NAME=value, as a property of the plugin or the C++ API says it: stronger than the variable.
void apply_plugin_property(std::string_view name_and_value, HostOptions& options);

}  // namespace waybill::observe
