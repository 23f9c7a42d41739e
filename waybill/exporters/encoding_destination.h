#pragma once

#include <memory>
#include <string>
#include <utility>

#include "waybill/exporters/destination.h"
#include "waybill/exporters/span_encoder.h"
#include "waybill/exporters/transport.h"

namespace waybill::exporters {

// A receiver of spans: how they are written, and how that gets there. Threads: as Destination says.
class EncodingDestination final : public Destination {
 public:
  EncodingDestination(std::unique_ptr<SpanEncoder> encoder, std::unique_ptr<Transport> transport)
      : encoder_{std::move(encoder)}, transport_{std::move(transport)} {}

  const std::string& name() const override { return transport_->name(); }
  Delivery deliver(Batches batches) override {
    return transport_->send(encoder_->encode(batches), Transport::Deadline::max());
  }
  void stop() override { transport_->stop(); }

 private:
  const std::unique_ptr<SpanEncoder> encoder_;
  const std::unique_ptr<Transport> transport_;
};

}  // namespace waybill::exporters
