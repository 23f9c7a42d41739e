// The reading side of all variants: drains the ring, pairs starts with ends, and checks every pairing by the
// hidden serial. Owned by the reader's thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "bench/matching/chunk_ring.h"
#include "bench/matching/pairing_map.h"
#include "bench/matching/records.h"

namespace bench::matching {

enum class PairBy { kPointer, kSpanId };

// kAtOnce: an end is paired in the round that reads it, or in the next one, or never.
// kHeld: every end waits for one round and ends are paired in the order of time. Whatever was written before
// an end is then known, whichever chunk it lies in; without this, pairing by pointer can be wrong.
enum class PairWhen { kAtOnce, kHeld };

struct ReaderCounts {
  std::uint64_t right = 0;
  std::uint64_t wrong = 0;
  std::uint64_t unmatched_ends = 0;
  std::uint64_t waiting_starts = 0;
  std::size_t peak_bytes = 0;
};

class SpanReader {
 public:
  SpanReader(ChunkRing& ring, PairBy pair_by, PairWhen pair_when)
      : ring_(ring), pair_by_(pair_by), pair_when_(pair_when) {}

  // One round. An end whose start is not there yet waits for one further round. Returns the bytes read.
  std::size_t read_round() {
    std::size_t bytes = 0;
    late_ends_.swap(ends_);
    ends_.clear();
    ring_.drain([&](const RecordHead& head) {
      bytes += head.size;
      visit(head);
    });
    if (pair_when_ == PairWhen::kHeld) sort_by_time(late_ends_);
    for (const AckFacts& end : late_ends_) {
      if (!pair(end)) ++counts_.unmatched_ends;
    }
    if (pair_when_ == PairWhen::kAtOnce) {
      std::erase_if(ends_, [&](const AckFacts& end) { return pair(end); });
    }
    const std::size_t memory = starts_.bytes() + (ends_.capacity() + late_ends_.capacity()) * sizeof(AckFacts);
    counts_.peak_bytes = std::max(counts_.peak_bytes, memory);
    return bytes;
  }

  ReaderCounts counts() const {
    ReaderCounts counts = counts_;
    counts.waiting_starts = starts_.waiting();
    return counts;
  }

 private:
  static void sort_by_time(std::vector<AckFacts>& ends) {
    const auto earlier = [](const AckFacts& a, const AckFacts& b) { return a.end_ns < b.end_ns; };
    if (!std::is_sorted(ends.begin(), ends.end(), earlier)) std::sort(ends.begin(), ends.end(), earlier);
  }

  void visit(const RecordHead& head) {
    if (head.kind == RecordKind::kStart) {
      const SendFacts& sent = reinterpret_cast<const StartRecord&>(head).sent;
      starts_.add(pair_by_ == PairBy::kPointer ? sent.pointer : sent.span_id, sent);
    } else if (head.kind == RecordKind::kEnd) {
      ends_.push_back(reinterpret_cast<const EndRecord&>(head).acknowledged);
    } else {
      const auto& span = reinterpret_cast<const SpanRecord&>(head);
      check(span.sent.serial, span.end_serial);
    }
  }

  bool pair(const AckFacts& end) {
    const auto sent = starts_.take(end.key, end.end_ns);
    if (sent) check(sent->serial, end.serial);
    return sent.has_value();
  }

  void check(std::uint32_t start_serial, std::uint32_t end_serial) {
    ++(start_serial == end_serial ? counts_.right : counts_.wrong);
  }

  ChunkRing& ring_;
  PairBy pair_by_;
  PairWhen pair_when_;
  PairingMap starts_;
  std::vector<AckFacts> ends_;
  std::vector<AckFacts> late_ends_;
  ReaderCounts counts_;
};

}  // namespace bench::matching
