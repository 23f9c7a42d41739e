#include "waybill/exporters/encoding_destination.h"

#include <cstddef>
#include <numeric>
#include <string_view>
#include <vector>

#include "waybill/exporters/joined_delivery.h"

namespace waybill::exporters {
namespace {

using Outcome = Delivery::Outcome;
using Batch = std::shared_ptr<const telemetry::SpanBatch>;

std::size_t spans_of(Batches batches) {
  return std::accumulate(batches.begin(), batches.end(), std::size_t{0},
                         [](std::size_t sum, const Batch& batch) { return sum + batch->spans.size(); });
}

// Some spans of a batch; what they refer to stays in the batch.
Batch part_of(const telemetry::SpanBatch& whole, std::size_t first, std::size_t count) {
  auto part = std::make_shared<telemetry::SpanBatch>();
  part->resource = whole.resource;
  part->shapes = whole.shapes;
  const auto begin = whole.spans.begin() + static_cast<std::ptrdiff_t>(first);
  part->spans.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  return part;
}

struct Halves {
  std::vector<Batch> first;
  std::vector<Batch> second;
};

Halves halves_of(Batches batches) {
  Halves halves;
  std::size_t left = spans_of(batches) / 2;  // for the first half
  for (const Batch& batch : batches) {
    const std::size_t size = batch->spans.size();
    if (size <= left) {
      halves.first.push_back(batch);
    } else if (left == 0) {
      halves.second.push_back(batch);
    } else {
      halves.first.push_back(part_of(*batch, 0, left));
      halves.second.push_back(part_of(*batch, left, size - left));
    }
    left -= std::min(left, size);
  }
  return halves;
}

}  // namespace

Delivery EncodingDestination::deliver(Batches batches, Deadline deadline) {
  const std::string_view body = encoder_->encode(batches);
  if (body.size() <= transport_->most_bytes()) return transport_->send(body, deadline);
  if (spans_of(batches) > 1) return deliver_halves(batches, deadline);
  return {Outcome::kRejected, 0, "one of them is larger than the receiver takes"};
}

Delivery EncodingDestination::deliver_halves(Batches batches, Deadline deadline) {
  const Halves halves = halves_of(batches);
  Delivery first = deliver(halves.first, deadline);
  if (first.outcome == Outcome::kStopped) return first;
  Delivery second = deliver(halves.second, deadline);
  if (second.outcome == Outcome::kStopped) return second;  // all of it counts as not answered
  return joined_delivery(first, spans_of(halves.first), second, spans_of(halves.second));
}

}  // namespace waybill::exporters
