#include "waybill/support/log.h"

#include <unistd.h>

#include <utility>

namespace waybill {
namespace {

constexpr std::chrono::minutes kQuiet{1};
constexpr std::size_t kMostKeys = 1024;

const char* text_of(Log::Level level) {
  switch (level) {
    case Log::Level::kInfo:
      return "";
    case Log::Level::kWarning:
      return "warning: ";
    case Log::Level::kError:
      return "error: ";
  }
  return "";
}

void write_to_stderr(const std::string& line) {
  [[maybe_unused]] const ssize_t ignored = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

Log::Log() : Log{[] { return std::chrono::steady_clock::now(); }, write_to_stderr} {}

Log::Log(Clock clock, Write write) : clock_{std::move(clock)}, write_{std::move(write)} {}

void Log::say(Level level, const std::string& key, const std::string& text) {
  std::string line = std::string{"waybill: "} + text_of(level) + text;
  {
    const std::scoped_lock lock{mutex_};
    const auto now = clock_();
    const auto known = said_.find(key);
    if (known != said_.end() && now - known->second.when < kQuiet) {
      ++known->second.held_back;
      return;
    }
    if (known != said_.end() && known->second.held_back != 0) {
      line += " (" + std::to_string(known->second.held_back) + " more since then)";
    }
    if (said_.size() >= kMostKeys) said_.clear();
    said_[key] = {now, 0};
  }
  write_(line + "\n");
}

}  // namespace waybill
