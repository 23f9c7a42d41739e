#include "waybill/kafka/observed_client.h"

#include <cstdio>

#include "waybill/base/shared_word.h"

namespace waybill::kafka {

using base::shared;

constinit Observed observed[observe::Room::kClients] = {};

namespace {

constinit std::uint32_t places_used = 0;  // entries from here on were never taken

}  // namespace

Observed& remember_observed(std::uint32_t place, const Observed& client) {
  Observed& one = observed[place];
  shared(one.handle).store(nullptr, std::memory_order_relaxed);
  one.api = client.api;
  one.client = client.client;
  one.pool = client.pool;
  one.cluster_questions = client.cluster_questions;
  shared(one.handle).store(client.handle, std::memory_order_release);
  std::uint32_t used = shared(places_used).load(std::memory_order_relaxed);
  while (used <= place &&
         !shared(places_used).compare_exchange_weak(used, place + 1, std::memory_order_release)) {
  }
  return one;
}

// Clients that are made at once may take their places in any order, so one that is not taken yet may stand
// before one that is.
Observed* find_observed(const rd_kafka_t* handle) {
  if (handle == nullptr) return nullptr;
  const std::uint32_t used = shared(places_used).load(std::memory_order_acquire);
  for (std::uint32_t place = 0; place < used; ++place) {
    Observed& one = observed[place];
    if (shared(one.handle).load(std::memory_order_acquire) == handle && one.client->number != 0) return &one;
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
