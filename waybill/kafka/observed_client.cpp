#include "waybill/kafka/observed_client.h"

#include <cstdio>

namespace waybill::kafka {

constinit Observed observed[observe::Room::kClients] = {};

Observed* find_observed(const rd_kafka_t* handle) {
  for (Observed& one : observed) {
    if (one.handle == handle && one.client != nullptr && one.client->number != 0) return &one;
    if (one.client == nullptr) return nullptr;  // entries are taken lowest first
  }
  return nullptr;
}

std::uint32_t define_error(observe::Room& room, const Api& api, rd_kafka_resp_err_t error) {
  char text[512];
  const char* name = api.err2name(error);
  const char* description = api.err2str(error);
  const int size = std::snprintf(text, sizeof text, "%s%c%s", name == nullptr ? "_OTHER" : name, '\0',
                                 description == nullptr ? "" : description);
  if (size <= 0) return 0;
  return room.define_error({text, static_cast<std::size_t>(size) < sizeof text
                                      ? static_cast<std::size_t>(size)
                                      : sizeof text - 1});
}

}  // namespace waybill::kafka
