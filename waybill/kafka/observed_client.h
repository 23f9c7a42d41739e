#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>

#include "waybill/kafka/api.h"
#include "waybill/kafka/header_pool.h"
#include "waybill/observe/room.h"

namespace waybill::kafka {

// Interceptors get one opaque pointer: the client as it is known here. It keeps the address of its Api beside
// the room's client, because the room knows nothing of librdkafka.
struct Observed {
  const Api* api;
  observe::Client* client;
  rd_kafka_t* handle;
  HeaderPool* pool;  // null: a consumer, or none for this librdkafka
  std::uint32_t cluster_questions;
};

// At the places of the room's clients.
extern constinit Observed observed[observe::Room::kClients];

// Puts a new client there, so that it is found from now on. Thread: any; a place belongs to one client.
Observed& remember_observed(std::uint32_t place, const Observed& client);

// Null: not one of ours. Thread: any.
Observed* find_observed(const rd_kafka_t* handle);

// The number of the definition that says what librdkafka calls an error; 0: success, or there is no room for
// it.
std::uint32_t define_error(observe::Room& room, const Api& api, rd_kafka_resp_err_t error);
inline std::uint32_t error_of(observe::Room& room, const Api& api, rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : define_error(room, api, error);
}

}  // namespace waybill::kafka
