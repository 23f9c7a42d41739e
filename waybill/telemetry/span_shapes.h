#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <utility>

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

  const SpanShape& add(SpanShape shape) {
    static std::atomic<std::uint64_t> last_id{0};
    shape.id = ++last_id;
    const std::size_t size = bytes_of(shape);
    own_bytes_ += size;
    *bytes_ += size;
    return shapes_.emplace_back(std::move(shape));
  }
  std::size_t size() const { return shapes_.size(); }

 private:
  static std::size_t bytes_of(const SpanShape& shape) {
    std::size_t size = sizeof shape + shape.name.size() + shape.status_message.size();
    for (const Attribute& one : shape.attributes) {
      const auto* text = std::get_if<std::string>(&one.value);
      size += sizeof one + (text == nullptr ? 0 : text->size());
    }
    return size;
  }

  Bytes bytes_;
  std::size_t own_bytes_ = 0;
  std::deque<SpanShape> shapes_;
};

}  // namespace waybill::telemetry
