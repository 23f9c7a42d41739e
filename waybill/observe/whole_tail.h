#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "waybill/context/span_context.h"
#include "waybill/segment/record.h"

namespace waybill::observe {

// What stands between the fixed part of a WholeOperation and its tracestate, while it is gathered.
class WholeTail {
 public:
  // What finds no room is counted.
  void add_link(const context::SpanContext& context);

  // The last that is called. Fills in what the record says of it, and gives the bytes.
  std::string_view finish(segment::WholeOperation& record, std::string_view description);

 private:
  std::size_t count_ = 0;
  std::uint32_t left_out_ = 0;
  char bytes_[segment::kMaxLinks * sizeof(segment::RecordContext) + segment::kMaxDescription];
};

}  // namespace waybill::observe
