#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

#include "waybill/exporters/span_encoder.h"
#include "waybill/exporters/span_exporter.h"

namespace waybill::fuzz {

// What went through a CountingExporter, and what stays in it.
struct Exported {
  bool holds = false;  // the receiver is away: batches wait
  std::uint64_t spans = 0;
  std::uint64_t bytes = 0;
  std::deque<std::shared_ptr<const telemetry::SpanBatch>> held;
};

// Encodes every batch as for an OTLP receiver of spans or of log records, and keeps it while the receiver is
// away.
class CountingExporter final : public exporters::SpanExporter {
 public:
  // `exported` outlives the exporter.
  CountingExporter(Exported& exported, std::unique_ptr<exporters::SpanEncoder> encoder)
      : exported_{exported}, encoder_{std::move(encoder)} {}

  bool submit(std::shared_ptr<const telemetry::SpanBatch> batch) override {
    exported_.spans += batch->spans.size();
    exported_.bytes += encoder_->encode({&batch, 1}).size();
    if (exported_.holds) exported_.held.push_back(std::move(batch));
    return true;
  }
  std::size_t room() const override { return SIZE_MAX; }
  bool flush(std::chrono::steady_clock::time_point) override { return true; }
  void shutdown(std::chrono::steady_clock::time_point) override {}
  exporters::ExporterStatistics statistics() const override { return {}; }

 private:
  Exported& exported_;
  const std::unique_ptr<exporters::SpanEncoder> encoder_;
};

}  // namespace waybill::fuzz
