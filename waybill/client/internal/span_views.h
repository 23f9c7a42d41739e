#pragma once

#include <deque>
#include <vector>

#include "waybill/client/span_exporter.h"
#include "waybill/exporters/destination.h"

namespace waybill::internal {

// Spans in the form in which the application's exporter gets them. Refers to the batches.
class SpanViews {
 public:
  explicit SpanViews(exporters::Batches batches);

  ListView<SpanData> spans() const { return {spans_.data(), spans_.size()}; }

 private:
  void add(const telemetry::SpanBatch& batch);
  ListView<SpanLink> keep_links(const telemetry::Span& span);

  std::vector<SpanData> spans_;
  std::deque<std::vector<SpanAttribute>> attributes_;
  std::deque<std::vector<SpanLink>> links_;
};

}  // namespace waybill::internal
