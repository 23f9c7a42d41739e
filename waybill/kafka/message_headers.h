#pragma once

#include <cstdint>

#include "waybill/kafka/api.h"
#include "waybill/observe/message_headers.h"

namespace waybill::kafka {

// The headers of a message as they are when the room asks for them; good until they are changed, or the
// message is gone.
observe::MessageHeaders headers_of(const observe::HeaderSource& source, const void* message,
                                   std::uint32_t propagators);

// Those in `list`, which may be null, of a message whose value is `body`.
observe::MessageHeaders headers_in(const Api& api, const rd_kafka_headers_t* list, const void* body,
                                   std::uint32_t propagators);

// Where the room may ask for those of any message.
inline observe::HeaderSource headers_from(const Api& api) { return {headers_of, &api}; }

}  // namespace waybill::kafka
