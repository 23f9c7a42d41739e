#pragma once

#include <memory>
#include <string>
#include <utility>

#include "waybill/exporters/metric_destination.h"
#include "waybill/exporters/metric_encoder.h"
#include "waybill/exporters/transport.h"

namespace waybill::exporters {

// A receiver of metrics: how they are written, and how that gets there. What is too large for one request
// goes in several. Threads: as MetricDestination says.
class SendingMetricDestination final : public MetricDestination {
 public:
  SendingMetricDestination(std::unique_ptr<MetricEncoder> encoder, std::unique_ptr<Transport> transport)
      : encoder_{std::move(encoder)}, transport_{std::move(transport)} {}

  const std::string& name() const override { return transport_->name(); }
  Delivery deliver(const MetricSnapshots& snapshots, Deadline deadline) override;
  void stop() override { transport_->stop(); }

 private:
  Delivery deliver_halves(const MetricSnapshots& snapshots, Deadline deadline);

  const std::unique_ptr<MetricEncoder> encoder_;
  const std::unique_ptr<Transport> transport_;
};

}  // namespace waybill::exporters
