#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace waybill {

// Why an operation failed, for a person: the text names the setting or file, the value it got, and what would
// be right. The code is for programs; a code keeps its number for ever.
struct Error {
  enum class Code : int {
    kInvalidSetting = 1,
    kIo = 2,
    kUnusableSegment = 3,
    kNetwork = 4,
    kUsage = 5,
    kNotFound = 6,
    kNotObserved = 7,
    kTooLate = 8,
    kTooMany = 9,
  };

  Code code;
  std::string message;

  // The same error, told from one level up: "collector: …".
  [[nodiscard]] Error with_prefix(const std::string& prefix) const { return {code, prefix + ": " + message}; }
};

// A T, or the error that stands in its place. `if (!result) return result.error();`
// Not thread-safe by itself, like any value.
template <typename T, typename E = Error>
class [[nodiscard]] Expected {
 public:
  // A T is an Expected<T>, and so is an error: both convert without a word.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Expected(T value) : content_{std::in_place_index<0>, std::move(value)} {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Expected(E error) : content_{std::in_place_index<1>, std::move(error)} {}

  explicit operator bool() const { return content_.index() == 0; }
  T& operator*() { return *std::get_if<0>(&content_); }
  const T& operator*() const { return *std::get_if<0>(&content_); }
  T* operator->() { return std::get_if<0>(&content_); }
  const T* operator->() const { return std::get_if<0>(&content_); }
  const E& error() const { return *std::get_if<1>(&content_); }

 private:
  std::variant<T, E> content_;
};

// Success, or an error.
template <typename E>
class [[nodiscard]] Expected<void, E> {
 public:
  Expected() = default;
  // NOLINTNEXTLINE(google-explicit-constructor)
  Expected(E error) : error_{std::move(error)} {}

  explicit operator bool() const { return !error_.has_value(); }
  const E& error() const { return *error_; }

 private:
  std::optional<E> error_;
};

}  // namespace waybill
