// The host's half of every variant: what on_send and on_acknowledgement do. Thread-safe, lock-free.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "bench/matching/chunk_ring.h"
#include "bench/matching/fingerprint_filter.h"
#include "bench/matching/in_flight_table.h"
#include "bench/matching/records.h"

namespace bench::matching {

// kClockOnly is the floor: what every variant does, without the matching.
// kPairFiltered: a full filter lets every end pass. kPairAdmitted: a full filter drops the span, so that an end is
// written only when its start was: then a dropped record can never make a wrong pair.
enum class Variant { kClockOnly, kTable, kPair, kPairFiltered, kPairAdmitted, kHeader };

struct DropCounts {
  std::atomic<std::uint64_t> table_full{0};
  std::atomic<std::uint64_t> start_ring_full{0};
  std::atomic<std::uint64_t> end_ring_full{0};
  std::atomic<std::uint64_t> span_ring_full{0};
};

class HostRecorder {
 public:
  HostRecorder(Variant variant, ChunkRing& ring, std::size_t table_slots, std::size_t filter_buckets)
      : variant_(variant), ring_(ring) {
    if (variant == Variant::kTable) table_ = std::make_unique<InFlightTable>(table_slots);
    if (variant == Variant::kPairFiltered || variant == Variant::kPairAdmitted) {
      filter_ = std::make_unique<FingerprintFilter>(filter_buckets);
    }
  }

  // Thread: any, the one that sends. Only for sampled messages.
  void on_send(const SendFacts& sent) {
    switch (variant_) {
      case Variant::kClockOnly: return;
      case Variant::kTable:
        if (!table_->remember(sent)) count(drops_.table_full);
        return;
      case Variant::kPairFiltered:
        if (write_start(sent) && !filter_->add(sent.pointer)) filter_->let_all_pass(sent.pointer);
        return;
      case Variant::kPairAdmitted:
        if (!filter_->add(sent.pointer)) return count(drops_.table_full);
        if (!write_start(sent)) filter_->take(sent.pointer);
        return;
      case Variant::kPair:
      case Variant::kHeader: write_start(sent); return;
    }
  }

  // Thread: any. True when the acknowledgement's facts are wanted; only then is the clock read. With
  // variant T, `sent` then holds what on_send remembered, and the caller hands it to on_acknowledgement.
  bool wants(std::uint64_t key, SendFacts& sent) {
    switch (variant_) {
      case Variant::kTable: return table_->take(key, sent);
      case Variant::kPairFiltered:
      case Variant::kPairAdmitted: return filter_->take(key);
      default: return key != 0;
    }
  }

  void on_acknowledgement(const AckFacts& acknowledged, const SendFacts& sent) {
    switch (variant_) {
      case Variant::kClockOnly: return;
      case Variant::kTable: write_span(acknowledged, sent); return;
      default:
        if (!ring_.write(EndRecord{{sizeof(EndRecord), RecordKind::kEnd, 0}, acknowledged})) {
          count(drops_.end_ring_full);
        }
    }
  }

  // What a client left behind; T only, the others keep nothing that could be swept.
  std::size_t sweep(std::uint32_t client) {
    return table_ ? table_->sweep(client, [](const SendFacts&) {}) : 0;
  }

  std::size_t extra_bytes() const {
    return (table_ ? table_->bytes() : 0) + (filter_ ? filter_->bytes() : 0);
  }
  const DropCounts& drops() const { return drops_; }

 private:
  static void count(std::atomic<std::uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

  bool write_start(const SendFacts& sent) {
    if (ring_.write(StartRecord{{sizeof(StartRecord), RecordKind::kStart, 0}, sent, {}})) return true;
    count(drops_.start_ring_full);
    return false;
  }

  void write_span(const AckFacts& end, const SendFacts& sent) {
    const SpanRecord span{{sizeof(SpanRecord), RecordKind::kSpan, 0},
                          sent,
                          end.end_ns,
                          end.offset,
                          end.partition,
                          static_cast<std::int16_t>(end.broker),
                          static_cast<std::int16_t>(end.error),
                          end.serial,
                          {}};
    if (!ring_.write(span)) count(drops_.span_ring_full);
  }

  const Variant variant_;
  ChunkRing& ring_;
  std::unique_ptr<InFlightTable> table_;
  std::unique_ptr<FingerprintFilter> filter_;
  DropCounts drops_;
};

}  // namespace bench::matching
