#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "waybill/client/api.h"
#include "waybill/client/process_scope.h"

namespace waybill {

// A message that a consumer got. Views into it live as long as it does. It may outlive its consumer: the last
// record of a consumer that is gone ends librdkafka's client. Thread-compatible; may be moved to another
// thread.
class WAYBILL_API Record {
 public:
  // Takes `message`, which was polled from `client`.
  Record(std::shared_ptr<rd_kafka_t> client, rd_kafka_message_t* message)
      : client_{std::move(client)}, message_{message} {}

  Record(Record&&) noexcept = default;
  // The message ends before its client, which may be the last to hold it.
  Record& operator=(Record&& other) noexcept {
    message_ = std::move(other.message_);
    client_ = std::move(other.client_);
    return *this;
  }

  std::string_view topic() const;
  std::int32_t partition() const { return message_->partition; }
  std::int64_t offset() const { return message_->offset; }
  // Milliseconds since the epoch; none: it has no timestamp.
  std::optional<std::int64_t> timestamp_ms() const;
  // None: a null key, or a null value (a tombstone).
  std::optional<std::string_view> key() const;
  std::optional<std::string_view> value() const;
  // The last header of this name; none: there is none, or its value is null.
  std::optional<std::string_view> header(std::string_view name) const;

  // Its processing, from now to the end of what this returns.
  ProcessScope process() const { return {client_.get(), message_.get()}; }

  rd_kafka_message_t* native_handle() const { return message_.get(); }
  rd_kafka_t* client() const { return client_.get(); }

 private:
  struct Destroy {
    void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  };
  std::shared_ptr<rd_kafka_t> client_;  // ends after the message
  std::unique_ptr<rd_kafka_message_t, Destroy> message_;
};

// Processes a record: function(record) is its process span. Exceptions pass through.
template <typename Function>
decltype(auto) process(Record& record, Function&& function) {
  return run_in(record.process(), [&]() -> decltype(auto) { return function(record); });
}

}  // namespace waybill
