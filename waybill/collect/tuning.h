#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/configure/environment.h"

// How `waybill tune` asks the collecting process to change the settings of a running program: by a file in
// the runtime directory, in whose place the answer is written.
namespace waybill::collect {

inline constexpr std::string_view kTuneSuffix = ".tune";
inline constexpr std::size_t kMostTuneBytes = std::size_t{64} * 1024;

struct TuneRequest {
  std::int32_t pid = 0;
  std::uint64_t pid_namespace = 0;      // in which that number counts; 0: not known
  bool reset = false;                   // forget what was changed before
  configure::Environment changes = {};  // laid over what was changed before; none: only tell what counts
};

// A setting as it counts for the program.
struct TunedSetting {
  std::string name;
  std::string value;
  bool tuned = false;  // changed while it runs
};

struct TuneAnswer {
  std::string error = {};                  // why nothing was changed; empty: it was, or needed not be
  std::vector<std::string> problems = {};  // of the settings that were asked for
  std::string program = {};
  std::vector<TunedSetting> settings = {};
};

// As they stand in the file. None: the text is something else, or an answer that is not complete.
std::string encode(const TuneRequest& request);
std::optional<TuneRequest> decode_request(std::string_view text);
std::string encode(const TuneAnswer& answer);
std::optional<TuneAnswer> decode_answer(std::string_view text);

}  // namespace waybill::collect
