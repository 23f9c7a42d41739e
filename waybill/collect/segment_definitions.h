#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "waybill/segment/reader.h"
#include "waybill/telemetry/definitions.h"

namespace waybill::collect {

// The definitions of one segment, read when they are first needed, and never more than its block holds: one
// that overlaps with itself is read so far and no further. Owned by the thread that reads the segment.
class SegmentDefinitions final : public telemetry::Definitions {
 public:
  explicit SegmentDefinitions(const segment::Reader& reader) : reader_{reader} {}

  std::string_view text(std::uint32_t id, segment::DefinitionKind kind) override;

 private:
  const segment::Reader& reader_;
  // Also of numbers that name nothing. Bounded: all that a host can write fits.
  std::map<std::pair<std::uint32_t, segment::DefinitionKind>, std::string> known_;
  std::size_t size_ = 0;  // as the texts would take in the segment
};

}  // namespace waybill::collect
