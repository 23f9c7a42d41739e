#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "waybill/telemetry/span_shapes.h"

namespace waybill::telemetry {

// What a span's shape follows from, in the numbers of a host's records.
struct ShapeKey {
  enum class Operation : std::uint8_t { kSend, kReceive, kProcess };
  // Why a send has no answer, beyond what librdkafka said.
  enum class Failed : std::uint8_t { kAsRecorded, kProducerDestroyed, kHostEnded };

  std::uint32_t profile = 0;
  std::uint32_t client = 0;
  std::uint32_t topic = 0;
  std::int32_t partition = -1;
  std::uint32_t broker = 0;
  std::uint32_t error = 0;
  Operation operation = Operation::kSend;
  Failed failed = Failed::kAsRecorded;
  std::uint8_t persistence = 0;
  bool injected = false;
  bool batch = false;
  bool unfinished = false;

  friend bool operator==(const ShapeKey&, const ShapeKey&) = default;

  template <typename Hash>
  friend Hash AbslHashValue(Hash hash, const ShapeKey& key) {
    const auto pair = [](std::uint32_t high, std::uint32_t low) {
      return static_cast<std::uint64_t>(high) << 32U | low;
    };
    const auto small =
        static_cast<std::uint32_t>(key.operation) << 16U | static_cast<std::uint32_t>(key.failed) << 12U |
        static_cast<std::uint32_t>(key.persistence) << 4U | static_cast<std::uint32_t>(key.injected) << 2U |
        static_cast<std::uint32_t>(key.batch) << 1U | static_cast<std::uint32_t>(key.unfinished);
    return Hash::combine(std::move(hash), pair(key.profile, key.client),
                         pair(key.topic, static_cast<std::uint32_t>(key.partition)),
                         pair(key.broker, key.error), small);
  }
};

// The shapes of one host's spans. Bounded: when there are too many it begins anew, and what was handed out
// lives on with its batches. Owned by one thread.
class ShapeCache {
 public:
  // The shape of this key; `make()` gives a new one. Valid as long as shapes() of now.
  template <typename Make>
  const SpanShape& get(const ShapeKey& key, Make&& make) {
    if (last_ != nullptr && key == last_key_) return *last_;
    const auto known = by_key_.find(key);
    if (known != by_key_.end()) {
      last_ = known->second;
    } else {
      if (shapes_->size() == kMost) clear();
      last_ = &shapes_->add(make());
      by_key_.emplace(key, last_);
    }
    last_key_ = key;
    return *last_;
  }

  // What the shapes follow from has changed.
  void clear() {
    by_key_.clear();
    last_ = nullptr;
    shapes_ = std::make_shared<SpanShapes>();
  }

  std::shared_ptr<const SpanShapes> shapes() const { return shapes_; }

 private:
  static constexpr std::size_t kMost = 4096;

  std::shared_ptr<SpanShapes> shapes_ = std::make_shared<SpanShapes>();
  absl::flat_hash_map<ShapeKey, const SpanShape*> by_key_;
  ShapeKey last_key_;
  const SpanShape* last_ = nullptr;
};

}  // namespace waybill::telemetry
