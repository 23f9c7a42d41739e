#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "waybill/context/span_context.h"
#include "waybill/segment/record.h"

namespace waybill::observe {

// In which context the last record of each partition was processed, so that a commit knows what it settles.
// Told of processing that the application itself begins. Holds so many partitions of all consumers; another
// one takes the place of the one that was processed longest ago. In zeroed memory; thread-safe, and nobody
// waits: a slot that another thread uses is passed over. What is not known costs a link, or a span.
class ProcessedRecords {
 public:
  // A partition of a client.
  struct Key {
    std::uint32_t client;  // its number, which is not 0
    std::uint32_t topic;   // definition
    std::int32_t partition;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Processing {
    context::SpanContext context;
    bool is_remote = false;  // it came with the message
    std::int64_t offset = -1;
    std::uint64_t start_ns = 0;
  };

  struct Tracestate {
    std::uint16_t size = 0;
    char text[segment::kMaxTracestate];
    std::string_view view() const { return {text, size}; }
  };

  void put(const Key& key, const Processing& processing, std::string_view tracestate = {});

  // That of the partition's last record, if this stands before `end` and was not settled. Not valid: nobody
  // knows.
  Processing unsettled(const Key& key, std::int64_t end);

  // What came with that processing. Empty: nothing, or another record was processed meanwhile.
  Tracestate tracestate_of(const Key& key, const Processing& processing);

  // What stands before `end` is settled.
  void settle(const Key& key, std::int64_t end);

 private:
  static constexpr std::size_t kSlots = 1024;
  static constexpr std::size_t kProbes = 4;

  struct Slot {
    std::uint32_t is_used;          // 1: by some thread now
    Key key;                        // client 0: free
    std::uint16_t tracestate_size;  // its text stands beside
    std::int64_t settled_until;
    Processing processing;
  };

  // Calls `visit(Slot&)` with the slots where the partition may stand, until it says true.
  template <typename Visitor>
  void visit_slots(const Key& key, Visitor&& visit);
  template <typename Visitor>
  bool visit_partition(const Key& key, Visitor&& visit);

  char* tracestate_at(const Slot& slot) { return tracestates_[&slot - slots_]; }

  Slot slots_[kSlots];
  char tracestates_[kSlots][segment::kMaxTracestate];  // mostly never touched
};

}  // namespace waybill::observe
