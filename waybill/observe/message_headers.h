#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace waybill::observe {

// One header of a message. Texts are borrowed from the message.
struct MessageHeader {
  std::string_view name;
  const void* value = nullptr;  // null: a null value
  std::size_t value_size = 0;
  bool carries_context = false;  // a propagator in use reads and writes it
};

// The headers of a message, which the door reads one by one.
struct MessageHeaders {
  // None: there are not so many.
  std::optional<MessageHeader> (*get)(const MessageHeaders& headers, std::size_t at) = nullptr;
  // What the door needs for that.
  const void* reader = nullptr;
  const void* list = nullptr;
  std::uint32_t propagators = 0;  // context::Propagators
  const void* body = nullptr;     // the message's value, which stands beside them; null: a null value
};

// How the door gives them, if the room asks for them: most messages are not asked.
struct HeaderSource {
  MessageHeaders (*open)(const HeaderSource& source, const void* message,
                         std::uint32_t propagators) = nullptr;
  const void* door = nullptr;  // what the door needs for that
};

}  // namespace waybill::observe
