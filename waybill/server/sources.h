#pragma once

#include <cstdint>
#include <functional>

#include "waybill/server/broker_view.h"
#include "waybill/server/flow_minutes.h"
#include "waybill/server/group_watch.h"
#include "waybill/store/store.h"

namespace waybill::server {

// What has been received, for the page of the server itself. Thread-safe by the one who fills it.
struct Received {
  std::uint64_t requests = 0;
  std::uint64_t refused_requests = 0;
  std::uint64_t rejected_items = 0;
};

// What questions are answered from. All outlive it.
struct Sources {
  store::Store& store;
  const FlowMinutes& flow;
  BrokerView& brokers;
  const GroupWatch& groups;
  std::function<Received()> received;
  std::function<std::int64_t()> now_ns;  // nanoseconds since 1970
  std::int64_t started_ns = 0;
  std::uint64_t max_bytes = 0;
  std::int64_t max_age_s = 0;
};

}  // namespace waybill::server
