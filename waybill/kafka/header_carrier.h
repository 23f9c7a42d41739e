#pragma once

#include <cstddef>

#include "waybill/kafka/api.h"
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
  HeaderCarrier(const Api& api, rd_kafka_message_t* message) : api_{api}, message_{message} {}

  // The context that stands in the headers. `malformed` is set when there is one that cannot be read: it is
  // treated as absent. The texts live as long as the headers.
  observe::MessageContext extract(bool& malformed) const;

  // Puts the context on the message, in place of any that stands there. A list of headers that exists may be
  // the application's own: it is changed in place (remove, then add), never replaced.
  Injection inject(const context::SpanContext& context, std::string_view tracestate,
                   std::size_t message_max_bytes);

  // Takes a context out of the headers, where one stands.
  void remove();

 private:
  std::size_t size_with(std::size_t added, const rd_kafka_headers_t* headers) const;
  bool add_all(rd_kafka_headers_t* headers, const char* traceparent, std::string_view tracestate);

  const Api& api_;
  rd_kafka_message_t* message_;
};

}  // namespace waybill::kafka
