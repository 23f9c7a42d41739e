#include "waybill/kafka/incoming_message.h"

#include "waybill/kafka/header_carrier.h"
#include "waybill/kafka/message_headers.h"

namespace waybill::kafka {
namespace {

// -1: it has none.
std::int64_t timestamp_of(const Api& api, const rd_kafka_message_t* message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t timestamp_ms = api.message_timestamp(message, &type);
  return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : timestamp_ms;
}

}  // namespace

// Without propagators librdkafka is not even asked for the headers: it would parse them.
FoundContext creation_of(const observe::Room& room, const Api& api, rd_kafka_message_t* message) {
  const context::Propagators propagators = room.propagators();
  return propagators.empty() ? FoundContext{} : HeaderCarrier{api, message}.extract(propagators);
}

observe::IncomingMessage incoming_message(const Api& api, const rd_kafka_message_t* message,
                                          std::string_view topic, const observe::MessageContext& creation) {
  return {.address = message,
          .topic = topic,
          .partition = message->partition,
          .offset = message->offset,
          .timestamp_ms = timestamp_of(api, message),
          .key = message->key,
          .key_size = message->key_len,
          .body_size = message->len,
          .tombstone = message->payload == nullptr,
          .creation = creation,
          .headers = headers_from(api)};
}

}  // namespace waybill::kafka
