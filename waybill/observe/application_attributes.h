#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "waybill/observe/message_headers.h"
#include "waybill/segment/record.h"

namespace waybill::observe {

// The attributes that code of the application's gives to a message's span, on their way into its record.
// Bytes are copied; what finds no room is counted. Lives on the stack, and clears no memory that it may not
// need.
class GivenAttributes {
 public:
  static constexpr std::size_t kMost = segment::kMaxCapturedHeaders;
  static constexpr std::size_t kMostBytes = 2048;  // of names and values together

  GivenAttributes() : count_{0}, left_out_{0}, used_{0} {}

  // A long text is cut.
  void put(std::string_view name, std::string_view text) {
    const bool is_cut = text.size() > segment::kMaxHeaderValue;
    put(name, text.data(), std::min(text.size(), segment::kMaxHeaderValue), is_cut ? segment::kValueCut : 0);
  }
  void put(std::string_view name, std::int64_t number) {
    put(name, &number, sizeof number, segment::kIntegerValue);
  }
  void put(std::string_view name, double number) { put(name, &number, sizeof number, segment::kDoubleValue); }
  // Of another name, because a pointer would be one too.
  void put_bool(std::string_view name, bool value) {
    const auto byte = static_cast<std::uint8_t>(value);
    put(name, &byte, sizeof byte, segment::kBoolValue);
  }

  std::uint16_t left_out() const { return left_out_; }

  // Calls `visit(name, value, size, bits)` for each; `bits`: CapturedHeader::bits.
  template <typename Visitor>
  void for_each(Visitor&& visit) const {
    const char* at = bytes_;
    for (std::size_t number = 0; number < count_; ++number) {
      const segment::CapturedHeader& entry = entries_[number];
      visit(std::string_view{at, entry.name_size}, at + entry.name_size, entry.value_size, entry.bits);
      at += entry.name_size + entry.value_size;
    }
  }

 private:
  void put(std::string_view name, const void* value, std::size_t size, std::uint8_t bits) {
    const bool fits = count_ < kMost && !name.empty() && name.size() <= segment::kMaxHeaderName &&
                      used_ + name.size() + size <= kMostBytes;
    if (!fits) {
      if (left_out_ != UINT16_MAX) ++left_out_;
      return;
    }
    entries_[count_++] = {static_cast<std::uint16_t>(name.size()), static_cast<std::uint16_t>(size), bits,
                          segment::kIsAttribute};
    std::memcpy(bytes_ + used_, name.data(), name.size());
    if (size != 0) std::memcpy(bytes_ + used_ + name.size(), value, size);
    used_ += name.size() + size;
  }

  std::size_t count_;
  std::uint16_t left_out_;
  std::size_t used_;
  // What counts of them, count_ and used_ say.
  segment::CapturedHeader entries_[kMost];
  char bytes_[kMostBytes];
};

// A message whose span is recorded. Borrowed for the call.
struct DescribedMessage {
  bool is_outgoing;
  std::string_view topic;
  const void* key;  // null: a null key
  std::size_t key_size;
  const void* body;  // null: a null value
  std::size_t body_size;
  const MessageHeaders& headers;
};

// Code of the application's that gives attributes. Called within a hook, on the thread that sends or polls;
// must not throw.
using DescribeMessage = void (*)(const DescribedMessage& message, GivenAttributes& attributes);

}  // namespace waybill::observe
