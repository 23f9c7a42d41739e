#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <utility>

#include "waybill/support/arena.h"
#include "waybill/telemetry/span.h"

namespace waybill::telemetry {

// Keeps shapes at fixed addresses, for as long as a batch refers to one of them. Shapes are added by one
// thread; those that were handed out may be read by any.
class SpanShapes {
 public:
  // How many bytes the shapes take that are somewhere yet; counted by all SpanShapes of one host together.
  using Bytes = std::shared_ptr<std::atomic<std::size_t>>;

  explicit SpanShapes(Bytes bytes = std::make_shared<std::atomic<std::size_t>>(0))
      : bytes_{std::move(bytes)} {}
  ~SpanShapes() { *bytes_ -= own_bytes_; }
  SpanShapes(const SpanShapes&) = delete;
  SpanShapes& operator=(const SpanShapes&) = delete;

  // `make(Arena&)` gives the shape; what it refers to stands in the arena.
  template <typename Make>
  const SpanShape& add(Make&& make) {
    SpanShape& shape = shapes_.emplace_back(make(memory_));
    shape.id = ++last_id_;
    const std::size_t bytes = memory_.size() + shapes_.size() * sizeof shape;
    *bytes_ += bytes - own_bytes_;
    own_bytes_ = bytes;
    return shape;
  }
  std::size_t size() const { return shapes_.size(); }

 private:
  inline static std::atomic<std::uint64_t> last_id_{0};  // of all, whoever made them

  Bytes bytes_;
  std::size_t own_bytes_ = 0;
  Arena memory_;
  std::deque<SpanShape> shapes_;
};

}  // namespace waybill::telemetry
