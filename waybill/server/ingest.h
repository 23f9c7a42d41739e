#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "waybill/otlp/request.h"
#include "waybill/server/answer.h"
#include "waybill/server/flow_minutes.h"
#include "waybill/server/sources.h"
#include "waybill/store/store.h"

namespace waybill::server {

// Takes export requests of OTLP. A request that was answered with success is in the store. Thread-safe.
class Ingest {
 public:
  // Both outlive it.
  Ingest(store::Store& store, FlowMinutes& flow, std::function<std::int64_t()> now_ns)
      : store_{store}, flow_{flow}, now_ns_{std::move(now_ns)} {}

  // One request, unpacked. `content_type` as in its header.
  Answer receive(otlp::Signal signal, std::string_view content_type, std::string_view body);

  // What somebody has read already: a line of a file, or a gRPC call. The error is that of the store.
  Expected<void> keep(otlp::Received received);

  Received received() const;
  void count_request() { ++requests_; }
  void count_refusal() { ++refused_; }

 private:
  store::Store& store_;
  FlowMinutes& flow_;
  std::function<std::int64_t()> now_ns_;
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> rejected_{0};
};

}  // namespace waybill::server
