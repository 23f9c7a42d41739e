#include "waybill/observe/whole_tail.h"

#include <cstring>

#include "waybill/observe/internal/record_fields.h"

namespace waybill::observe {

void WholeTail::add_link(const context::SpanContext& context) {
  if (count_ == segment::kMaxLinks) {
    ++left_out_;
    return;
  }
  const segment::RecordContext link = internal::to_record(context);
  std::memcpy(bytes_ + count_++ * sizeof link, &link, sizeof link);
}

std::string_view WholeTail::finish(segment::WholeOperation& record, std::string_view description) {
  description = description.substr(0, segment::kMaxDescription);
  char* end = bytes_ + count_ * sizeof(segment::RecordContext);
  description.copy(end, description.size());
  record.link_count = static_cast<std::uint16_t>(count_);
  record.links_left_out = left_out_;
  record.description_size = static_cast<std::uint16_t>(description.size());
  return {bytes_, count_ * sizeof(segment::RecordContext) + description.size()};
}

}  // namespace waybill::observe
