#pragma once

#include <string_view>

#include "waybill/kafka/api.h"
#include "waybill/kafka/context_headers.h"
#include "waybill/observe/room.h"

// A message that a consumer got, as the room wants it.
namespace waybill::kafka {

// The context that its sender put into its headers. Lives as long as they.
FoundContext creation_of(const observe::Room& room, const Api& api, rd_kafka_message_t* message);

observe::IncomingMessage incoming_message(const Api& api, const rd_kafka_message_t* message,
                                          std::string_view topic, const observe::MessageContext& creation);

}  // namespace waybill::kafka
