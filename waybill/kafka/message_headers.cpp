#include "waybill/kafka/message_headers.h"

#include "waybill/context/propagators.h"
#include "waybill/kafka/context_headers.h"

namespace waybill::kafka {
namespace {

std::optional<observe::MessageHeader> header_at(const observe::MessageHeaders& headers, std::size_t at) {
  const Api& api = *static_cast<const Api*>(headers.reader);
  const auto* list = static_cast<const rd_kafka_headers_t*>(headers.list);
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  if (list == nullptr || api.header_get_all(list, at, &name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  const bool carries_context =
      is_context_header(name, context::Propagators::from_packed(headers.propagators));
  return observe::MessageHeader{name, value, value == nullptr ? 0 : size, carries_context};
}

}  // namespace

observe::MessageHeaders headers_of(const observe::HeaderSource& source, const void* message,
                                   std::uint32_t propagators) {
  const Api& api = *static_cast<const Api*>(source.door);
  // librdkafka parses them into the message, at the first question.
  auto* parsed = const_cast<rd_kafka_message_t*>(static_cast<const rd_kafka_message_t*>(message));
  rd_kafka_headers_t* list = nullptr;
  if (api.message_headers(parsed, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) list = nullptr;
  return headers_in(api, list, parsed->payload, propagators);
}

observe::MessageHeaders headers_in(const Api& api, const rd_kafka_headers_t* list, const void* body,
                                   std::uint32_t propagators) {
  return {header_at, &api, list, propagators, body};
}

}  // namespace waybill::kafka
