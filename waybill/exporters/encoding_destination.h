#pragma once

#include <memory>
#include <string>
#include <utility>

#include "waybill/exporters/destination.h"
#include "waybill/exporters/span_encoder.h"
#include "waybill/exporters/transport.h"

namespace waybill::exporters {

// A receiver of spans: how they are written, and how that gets there. What is too large for one request goes
// in several. Threads: as Destination says.
class EncodingDestination final : public Destination {
 public:
  EncodingDestination(std::unique_ptr<SpanEncoder> encoder, std::unique_ptr<Transport> transport)
      : encoder_{std::move(encoder)}, transport_{std::move(transport)} {}

  const std::string& name() const override { return transport_->name(); }
  Delivery deliver(Batches batches, Deadline deadline) override;
  void stop() override { transport_->stop(); }

 private:
  Delivery deliver_halves(Batches batches, Deadline deadline);

  const std::unique_ptr<SpanEncoder> encoder_;
  const std::unique_ptr<Transport> transport_;
};

}  // namespace waybill::exporters
