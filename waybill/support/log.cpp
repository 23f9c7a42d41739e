#include "waybill/support/log.h"

#include <unistd.h>

#include <utility>

namespace waybill {
namespace {

constexpr std::chrono::minutes kQuiet{1};
constexpr std::size_t kMostKeys = 1024;
constexpr std::size_t kLongestText = 1024;

const char* text_of(Log::Level level) {
  switch (level) {
    case Log::Level::kInfo:
      return "";
    case Log::Level::kWarning:
      return "warning: ";
    case Log::Level::kError:
      return "error: ";
    case Log::Level::kNothing:
      break;
  }
  return "";
}

// A terminal obeys control characters, and a line break would begin a line that we did not say.
std::string printable(const std::string& text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string result;
  for (const char one : text) {
    if (result.size() >= kLongestText) return result + "...";
    const auto byte = static_cast<unsigned char>(one);
    if (byte >= 0x20 && byte < 0x7f) {
      result += one;
    } else {
      result += {'\\', 'x', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return result;
}

void write_to_stderr(const std::string& line) {
  [[maybe_unused]] const ssize_t ignored = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

Log::Log(Level least) : Log{[] { return std::chrono::steady_clock::now(); }, write_to_stderr, least} {}

Log::Log(Clock clock, Write write, Level least)
    : clock_{std::move(clock)}, write_{std::move(write)}, least_{least} {}

void Log::forget_before(std::chrono::steady_clock::time_point when) {
  std::erase_if(said_, [when](const auto& entry) { return entry.second.when <= when; });
}

void Log::say(Level level, const std::string& key, const std::string& text) {
  if (level < least_ || least_ == Level::kNothing) return;
  std::string line = std::string{"waybill: "} + text_of(level) + printable(text);
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
    if (known == said_.end() && said_.size() >= kMostKeys) forget_before(now - kQuiet);
    if (known == said_.end() && said_.size() >= kMostKeys) {
      ++beyond_;
      return;
    }
    if (beyond_ != 0)
      line += " (besides, " + std::to_string(std::exchange(beyond_, 0)) + " lines were left out)";
    said_[key] = {now, 0};
  }
  write_(line + "\n");
}

}  // namespace waybill
