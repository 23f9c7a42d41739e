#pragma once

#include <cstdint>
#include <string_view>

#include "waybill/segment/layout.h"

namespace waybill::telemetry {

// Where the texts are that records refer to by number: a segment, or a table in a test.
class Definitions {
 public:
  virtual ~Definitions() = default;

  // The text of a definition; empty when the number is unknown. Valid until the object ends.
  virtual std::string_view text(std::uint32_t id, segment::DefinitionKind kind) = 0;
};

}  // namespace waybill::telemetry
