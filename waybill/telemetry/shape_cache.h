#pragma once

#include <absl/container/flat_hash_map.h>

#include <atomic>
#include <memory>

#include "waybill/telemetry/bare_shapes.h"
#include "waybill/telemetry/shape_key.h"
#include "waybill/telemetry/span_shapes.h"

namespace waybill::telemetry {

// The shapes of one host's spans. Bounded: when there are too many it begins anew, and what was handed out
// lives on with its batches; when that is too much too, spans get a bare shape. Owned by one thread.
class ShapeCache {
 public:
  // The shape of this key; `make(Arena&)` gives a new one. Valid as long as shapes() of now.
  template <typename Make>
  const SpanShape& get(const ShapeKey& key, Make&& make) {
    if (last_ != nullptr && key == last_key_) return *last_;
    const auto known = by_key_.find(key);
    if (known != by_key_.end()) {
      last_ = known->second;
    } else {
      if (*bytes_ >= kMostBytes) return bare_shape(key);
      if (shapes_->size() == kMost) clear();
      last_ = &shapes_->add(make);
      by_key_.emplace(key, last_);
    }
    last_key_ = key;
    return *last_;
  }

  // What the shapes follow from has changed.
  void clear() {
    by_key_.clear();
    last_ = nullptr;
    if (shapes_->size() != 0) shapes_ = std::make_shared<SpanShapes>(bytes_);
  }

  const std::shared_ptr<SpanShapes>& shapes() const { return shapes_; }

 private:
  static constexpr std::size_t kMost = 4096;
  static constexpr std::size_t kMostBytes = std::size_t{16} << 20U;

  SpanShapes::Bytes bytes_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::shared_ptr<SpanShapes> shapes_ = std::make_shared<SpanShapes>(bytes_);
  absl::flat_hash_map<ShapeKey, const SpanShape*> by_key_;
  ShapeKey last_key_;
  const SpanShape* last_ = nullptr;
};

}  // namespace waybill::telemetry
