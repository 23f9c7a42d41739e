#pragma once

#include <cstddef>

#include "waybill/context/propagators.h"
#include "waybill/kafka/api.h"
#include "waybill/kafka/context_headers.h"
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

// Reads and writes a context in the headers of one message. Lives for one call of an interceptor. Kafka
// headers are exact names; a name may stand several times: the last one counts, and of those that carry a
// context never more than one is left.
class HeaderCarrier {
 public:
  HeaderCarrier(const Api& api, rd_kafka_message_t* message);

  // The message's list of headers; null: it has none.
  const rd_kafka_headers_t* headers() const { return headers_; }

  // The context that stands in the headers. The texts live as long as they.
  FoundContext extract(context::Propagators propagators) const;

  // Puts the context on the message, in place of any that stands there; baggage only where none stands. A
  // list of headers that exists may be the application's own: it is changed in place (remove, then add),
  // never replaced. A new list comes from the pool, if there is one.
  Injection inject(const observe::MessageContext& outgoing, context::Propagators propagators,
                   std::size_t message_max_bytes, HeaderPool* pool);

  // Takes a context out of the headers, where one stands.
  void remove(context::Propagators propagators);

 private:
  std::size_t size_with(std::size_t added) const;
  Injection put_lone(LoneHeader header, const context::SpanContext& context, HeaderPool* pool);
  HeaderPool::List make_lone(LoneHeader header, const context::SpanContext& context) const;
  Injection put_new_list(const ContextHeaders& added);

  const Api& api_;
  rd_kafka_message_t* message_;
  rd_kafka_headers_t* headers_ = nullptr;
};

}  // namespace waybill::kafka
