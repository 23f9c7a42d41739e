#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "waybill/context/span_context.h"
#include "waybill/observe/internal/record_fields.h"
#include "waybill/segment/record.h"

namespace waybill::observe::internal {

// What stands between the fixed part of a WholeOperation and its tracestate, while it is gathered.
class WholeTail {
 public:
  // What finds no room is counted.
  void add_link(const context::SpanContext& context) {
    if (count_ == segment::kMaxLinks) {
      ++left_out_;
      return;
    }
    const segment::RecordContext link = to_record(context);
    std::memcpy(bytes_ + count_++ * sizeof link, &link, sizeof link);
  }

  // The last that is called. Fills in what the record says of it, and gives the bytes.
  std::string_view finish(segment::WholeOperation& record, std::string_view description) {
    description = description.substr(0, segment::kMaxDescription);
    char* end = bytes_ + count_ * sizeof(segment::RecordContext);
    description.copy(end, description.size());
    record.link_count = static_cast<std::uint16_t>(count_);
    record.links_left_out = left_out_;
    record.description_size = static_cast<std::uint16_t>(description.size());
    return {bytes_, count_ * sizeof(segment::RecordContext) + description.size()};
  }

 private:
  std::size_t count_ = 0;
  std::uint32_t left_out_ = 0;
  char bytes_[segment::kMaxLinks * sizeof(segment::RecordContext) + segment::kMaxDescription];
};

}  // namespace waybill::observe::internal
