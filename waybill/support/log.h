#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace waybill {

// Says what a person should know, one line each on stderr: "waybill: warning: …". The same key is said at
// most once a minute; the next line tells how many were held back. Thread-safe.
class Log {
 public:
  enum class Level { kInfo, kWarning, kError };
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  using Write = std::function<void(const std::string& line)>;

  // Writes each line to stderr with one write(2).
  Log();
  Log(Clock clock, Write write);

  void say(Level level, const std::string& key, const std::string& text);
  void info(const std::string& key, const std::string& text) { say(Level::kInfo, key, text); }
  void warning(const std::string& key, const std::string& text) { say(Level::kWarning, key, text); }

 private:
  struct Said {
    std::chrono::steady_clock::time_point when;
    std::uint64_t held_back = 0;
  };

  Clock clock_;
  Write write_;
  std::mutex mutex_;
  std::map<std::string, Said> said_;  // guarded by mutex_; bounded, oldest entries go
};

}  // namespace waybill
