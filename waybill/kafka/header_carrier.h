#pragma once

#include <cstddef>
#include <span>

#include "waybill/context/traceparent.h"
#include "waybill/kafka/api.h"
#include "waybill/kafka/header_pool.h"
#include "waybill/observe/room.h"

namespace waybill::kafka {

// What became of a context that should go out with a message.
enum class Injection {
  kDone,
  kTooLarge,  // the message would exceed message.max.bytes: librdkafka aborts the process then, so it goes
              // without
  kRefused,   // librdkafka gave an error; the message goes as it was
};

// Reads and writes W3C Trace Context in the headers of one message. Lives for one call of an interceptor.
// Kafka headers are exact names; a name may stand several times: the last one counts, and never more than one
// is left.
class HeaderCarrier {
 public:
  HeaderCarrier(const Api& api, rd_kafka_message_t* message);

  // The message's list of headers; null: it has none.
  const rd_kafka_headers_t* headers() const { return headers_; }

  // The context that stands in the headers. `malformed` is set when there is one that cannot be read: it is
  // treated as absent. The texts live as long as the headers.
  observe::MessageContext extract(bool& malformed) const;

  // Puts the context on the message, in place of any that stands there. A list of headers that exists may be
  // the application's own: it is changed in place (remove, then add), never replaced. A new list comes from
  // the pool, if there is one.
  Injection inject(const context::SpanContext& context, std::string_view tracestate,
                   std::size_t message_max_bytes, HeaderPool* pool);

  // Takes a context out of the headers, where one stands.
  void remove();

 private:
  using Traceparent = std::span<const char, context::kTraceparentLength>;

  std::size_t size_with(std::size_t added) const;
  Injection put_new_list(const context::SpanContext& context, HeaderPool* pool);
  rd_kafka_headers_t* make_list(Traceparent traceparent, std::string_view tracestate) const;
  bool add_all(rd_kafka_headers_t* headers, Traceparent traceparent, std::string_view tracestate) const;

  const Api& api_;
  rd_kafka_message_t* message_;
  rd_kafka_headers_t* headers_ = nullptr;
};

}  // namespace waybill::kafka
