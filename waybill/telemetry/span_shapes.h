#pragma once

#include <atomic>
#include <deque>
#include <utility>

#include "waybill/telemetry/span.h"

namespace waybill::telemetry {

// Keeps shapes at fixed addresses, for as long as a batch refers to one of them. Shapes are added by one
// thread; those that were handed out may be read by any.
class SpanShapes {
 public:
  const SpanShape& add(SpanShape shape) {
    static std::atomic<std::uint64_t> last_id{0};
    shape.id = ++last_id;
    return shapes_.emplace_back(std::move(shape));
  }
  std::size_t size() const { return shapes_.size(); }

 private:
  std::deque<SpanShape> shapes_;
};

}  // namespace waybill::telemetry
