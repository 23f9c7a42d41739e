#include "waybill/telemetry/header_attributes.h"

#include <absl/container/inlined_vector.h>
#include <absl/strings/escaping.h>

#include <algorithm>
#include <string>

#include "waybill/telemetry/utf8.h"

namespace waybill::telemetry {
namespace {

using Headers = absl::InlinedVector<HeaderView, 8>;

// Without what a cut has left of its last character.
std::string_view without_torn_end(std::string_view text) {
  constexpr std::size_t kLongestRest = 3;
  for (std::size_t torn = 0; torn <= std::min(kLongestRest, text.size()); ++torn) {
    const std::string_view whole = text.substr(0, text.size() - torn);
    if (is_utf8(whole)) return whole;
  }
  return text;
}

void put_values(AttributeList& attributes, std::string_view name, const Headers& headers) {
  absl::InlinedVector<std::string, 4> values;
  for (const HeaderView& header : headers) {
    if (header.name == name) values.push_back(text_of(header));
  }
  const absl::InlinedVector<std::string_view, 4> texts{values.begin(), values.end()};
  attributes.put_texts("messaging.header." + std::string{name}, texts);
}

void put_conversation_id(AttributeList& attributes, const RecordHeaders& headers) {
  HeaderView last;
  headers.for_each([&](const HeaderView& header) {
    if (header.is_conversation_id) last = header;
  });
  if (last.is_conversation_id && !last.is_null && !last.is_cut && is_utf8(last.value))
    attributes.put("messaging.message.conversation_id", last.value);
}

}  // namespace

std::string text_of(const HeaderView& header) {
  const std::string_view text = header.is_cut ? without_torn_end(header.value) : header.value;
  return is_utf8(text) ? std::string{text}
                       : "base64:" + absl::Base64Escape({header.value.data(), header.value.size()});
}

void put_headers(AttributeList& attributes, const RecordHeaders& headers) {
  Headers all;
  headers.for_each([&](const HeaderView& header) {
    if (header.is_attribute && is_utf8(header.name)) all.push_back(header);
  });
  put_conversation_id(attributes, headers);
  for (auto header = all.begin(); header != all.end(); ++header) {
    const bool came_before =
        std::any_of(all.begin(), header, [&](const HeaderView& one) { return one.name == header->name; });
    if (!came_before) put_values(attributes, header->name, all);
  }
  attributes.leave_out(headers.left_out());
}

}  // namespace waybill::telemetry
