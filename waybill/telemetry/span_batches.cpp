#include "waybill/telemetry/span_batches.h"

#include <utility>

namespace waybill::telemetry {
namespace {

constexpr std::size_t kMostSpare = 16;

}  // namespace

void SpanBatches::add(Span span, const std::shared_ptr<const SpanShapes>& shapes) {
  const bool fits = !batches_.empty() && batches_.back()->spans.size() < most_;
  SpanBatch& batch = fits ? *batches_.back() : open_batch();
  if (batch.shapes.empty() || batch.shapes.back() != shapes) batch.shapes.push_back(shapes);
  batch.spans.push_back(std::move(span));
}

void SpanBatches::add_origin(Place place) {
  if (place == kNoPlace) return;
  SpanBatch& batch = batches_.empty() ? open_batch() : *batches_.back();
  batch.origins.push_back(place);
}

SpanBatch& SpanBatches::open_batch() {
  if (spare_.empty()) {
    batches_.push_back(std::make_unique<SpanBatch>());
  } else {
    batches_.push_back(std::move(spare_.back()));
    spare_.pop_back();
  }
  return *batches_.back();
}

std::vector<std::unique_ptr<SpanBatch>> SpanBatches::take() { return std::exchange(batches_, {}); }

void SpanBatches::give_back(std::unique_ptr<SpanBatch> batch) {
  if (spare_.size() == kMostSpare) return;
  batch->resource.reset();
  batch->shapes.clear();
  batch->spans.clear();
  batch->origins.clear();
  spare_.push_back(std::move(batch));
}

}  // namespace waybill::telemetry
