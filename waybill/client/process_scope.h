#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waybill/client/api.h"

namespace waybill {

// The processing of a message, or of several as one, from here to the end of the scope: a process span. While
// it lasts it is current on the thread that made it, so what that thread sends is its child; a scope within a
// scope is a child too. Of several that began on a thread and have not ended, the last one is current. An
// exception that leaves it makes the span fail.
//
//   rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 1000);
//   {
//     waybill::ProcessScope scope{consumer, message};
//     handle(message);
//   }
//   rd_kafka_message_destroy(message);
//
// Of a client that is not traced it does nothing. Thread-compatible; may end on another thread.
class WAYBILL_API ProcessScope {
 public:
  // The messages were polled from `client`, and are borrowed for the call. Those with an error are no
  // messages.
  ProcessScope(rd_kafka_t* client, rd_kafka_message_t* message) : ProcessScope{client, &message, 1} {}
  ProcessScope(rd_kafka_t* client, rd_kafka_message_t* const* messages, std::size_t count);
  ~ProcessScope();
  ProcessScope(ProcessScope&& other) noexcept { swap(other); }
  ProcessScope& operator=(ProcessScope&& other) noexcept {
    ProcessScope ended{std::move(*this)};
    swap(other);
    return *this;
  }

  // It went wrong. `type` becomes error.type: of few different values, such as the name of an exception's
  // type. The first call counts.
  void fail(std::string_view type, std::string_view description = {});
  // With the exception's type and what it says.
  void fail(const std::exception& exception);

  // Ends it before the scope does.
  void end();

 private:
  ProcessScope() = default;
  void swap(ProcessScope& other) noexcept;

  std::uint64_t ticket_[4] = {};
  int exceptions_ = 0;  // that were on their way when it began
  bool has_failed_ = false;
  std::string error_type_;
  std::string description_;
};

// Calls `function` and gives its result; an exception passes through, and the span has its type and text.
template <typename Function>
decltype(auto) run_in(ProcessScope scope, Function&& function) {
  try {
    return std::forward<Function>(function)();
  } catch (const std::exception& exception) {
    scope.fail(exception);
    throw;
  } catch (...) {
    scope.fail("_OTHER");
    throw;
  }
}

// The headers that a message sent from this thread would carry, by name and value: to hand the context on by
// another way than Kafka (an HTTP request, a row in a table). Empty: no scope is current here.
WAYBILL_API std::vector<std::pair<std::string, std::string>> current_headers();

}  // namespace waybill
