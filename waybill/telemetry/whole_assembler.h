#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "waybill/telemetry/assembler_counts.h"
#include "waybill/telemetry/known_host.h"
#include "waybill/telemetry/span_batches.h"

namespace waybill::telemetry {

// Makes spans of WholeOperation records, each of which tells one from its begin to its end. Owned by one
// thread.
class WholeAssembler {
 public:
  // `host` outlives it.
  explicit WholeAssembler(KnownHost& host) : host_{host} {}

  // Takes a record that is kept at `place`; returns the time that it tells. Nothing: it contradicts itself,
  // and was not taken.
  std::optional<std::uint64_t> accept(const segment::RecordView& view, Place place);

  // Spans of at most `most` operations; the others wait for the next round.
  void finish(std::size_t most, SpanBatches& finished);

  bool has_more() const { return !waiting_.empty(); }
  AssemblerCounts counts() const;

 private:
  void finish_one(Place place, SpanBatches& finished);
  const SpanShape& shape_of(const segment::WholeOperation& record);

  KnownHost& host_;
  AssemblerCounts counts_;
  std::vector<Place> waiting_;
};

}  // namespace waybill::telemetry
