#include "waybill/telemetry/span_batches.h"

#include <algorithm>
#include <utility>

namespace waybill::telemetry {
namespace {

constexpr std::size_t kMostSpare = 16;
constexpr std::size_t kMostReserved = 4096;

}  // namespace

SpanBatch& SpanBatches::for_next_span(const std::shared_ptr<SpanShapes>& shapes) {
  const bool fits = !batches_.empty() && batches_.back()->spans.size() < most_;
  SpanBatch& batch = fits ? *batches_.back() : open_batch();
  if (batch.shapes.empty() || batch.shapes.back() != shapes) batch.shapes.push_back(shapes);
  return batch;
}

void SpanBatches::add_origin(Place place) {
  if (place == kNoPlace) return;
  SpanBatch& batch = batches_.empty() ? open_batch() : *batches_.back();
  batch.origins.push_back(place);
}

SpanBatch& SpanBatches::open_batch() {
  if (spare_.empty()) {
    batches_.push_back(std::make_unique<SpanBatch>());
    batches_.back()->spans.reserve(std::min(most_, kMostReserved));
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
  batch->memory.clear();
  batch->origins.clear();
  spare_.push_back(std::move(batch));
}

}  // namespace waybill::telemetry
