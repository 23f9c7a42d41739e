#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace waybill {

// Says what a person should know, one line each on stderr: "waybill: warning: …". The same key is said at
// most once a minute; the next line tells how many were held back. So many keys a minute, and no more. Texts
// may come from hosts: what is not printable ASCII is written as \xNN, and what is too long is cut.
// Thread-safe.
class Log {
 public:
  enum class Level { kInfo, kWarning, kError, kNothing };
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  using Write = std::function<void(const std::string& line)>;

  // Writes each line to stderr with one write(2). What matters less than `least` is not said; kNothing:
  // nothing at all.
  explicit Log(Level least = Level::kInfo);
  Log(Clock clock, Write write, Level least = Level::kInfo);

  void say(Level level, const std::string& key, const std::string& text);
  void info(const std::string& key, const std::string& text) { say(Level::kInfo, key, text); }
  void warning(const std::string& key, const std::string& text) { say(Level::kWarning, key, text); }

 private:
  void forget_before(std::chrono::steady_clock::time_point when);

  struct Said {
    std::chrono::steady_clock::time_point when;
    std::uint64_t held_back = 0;
  };

  Clock clock_;
  Write write_;
  Level least_;
  std::mutex mutex_;
  std::map<std::string, Said> said_;  // guarded by mutex_, and the next; bounded
  std::uint64_t beyond_ = 0;          // lines that were held back because too many keys were said
};

}  // namespace waybill
