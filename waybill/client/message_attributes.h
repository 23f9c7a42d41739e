#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <type_traits>

#include "waybill/client/api.h"

namespace waybill {

namespace observe {
struct DescribedMessage;
class GivenAttributes;
}  // namespace observe

// A message whose span is recorded. Views are good for the call.
class WAYBILL_API MessageView {
 public:
  explicit MessageView(const observe::DescribedMessage& message) : message_{message} {}

  bool is_outgoing() const;  // it is sent; else it is received, or processed
  std::string_view topic() const;
  // None: a null key, or a null value (a tombstone).
  std::optional<std::string_view> key() const;
  std::optional<std::string_view> value() const;
  // The last header of this name, as the message leaves or has come; none: there is none, or its value is
  // null.
  std::optional<std::string_view> header(std::string_view name) const;

 private:
  const observe::DescribedMessage& message_;
};

// Takes the attributes of a message's span. Of one name the last counts. At most 32 for each message, with
// 2,048 bytes of names and texts together; a name has at most 256, a text of more than 1,024 is cut. What
// does not fit is counted as the span's dropped attributes, and so is a name that begins with messaging.,
// server., network., error. or waybill.: those are not the application's to say.
class WAYBILL_API MessageAttributes {
 public:
  explicit MessageAttributes(observe::GivenAttributes& given) : given_{given} {}

  void set(std::string_view name, std::string_view text);
  void set(std::string_view name, const char* text) { set(name, std::string_view{text}); }
  template <typename Number, std::enable_if_t<std::is_arithmetic_v<Number>, int> = 0>
  void set(std::string_view name, Number value) {
    if constexpr (std::is_same_v<Number, bool>)
      set_bool(name, value);
    else if constexpr (std::is_integral_v<Number>)
      set_integer(name, static_cast<std::int64_t>(value));
    else
      set_double(name, static_cast<double>(value));
  }

 private:
  void set_integer(std::string_view name, std::int64_t number);
  void set_double(std::string_view name, double number);
  void set_bool(std::string_view name, bool value);

  observe::GivenAttributes& given_;
};

// Gives attributes to the spans of messages: TelemetryBuilder::attributes() takes it. Called for each message
// that is recorded, when it is sent, when it is received, and when its processing begins; what it gives to a
// message of a batch stands on the link to that. It runs where a CustomSampler does, and the same holds for
// it; when it throws, what it gave until then counts.
using AttributeExtractor = std::function<void(const MessageView& message, MessageAttributes& attributes)>;

}  // namespace waybill
