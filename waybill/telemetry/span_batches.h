#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "waybill/telemetry/span.h"

namespace waybill::telemetry {

// Collects finished spans into batches of at most `most` spans, and uses the memory of returned batches
// again. Owned by one thread.
class SpanBatches {
 public:
  explicit SpanBatches(std::size_t most) : most_{most} {}

  // The batch that the next span is to be put into, with what it refers to. `shapes` holds its shape.
  SpanBatch& for_next_span(const std::shared_ptr<SpanShapes>& shapes);
  // Another record that goes with the span that was added last; without one it stands alone.
  void add_origin(Place place);

  // Takes the batches, without their resource. None is empty.
  std::vector<std::unique_ptr<SpanBatch>> take();

  // Memory to use again.
  void give_back(std::unique_ptr<SpanBatch> batch);

 private:
  SpanBatch& open_batch();

  std::size_t most_;
  std::vector<std::unique_ptr<SpanBatch>> batches_;
  std::vector<std::unique_ptr<SpanBatch>> spare_;
};

}  // namespace waybill::telemetry
