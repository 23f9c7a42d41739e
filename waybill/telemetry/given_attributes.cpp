#include "waybill/telemetry/given_attributes.h"

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

#include "waybill/telemetry/header_attributes.h"
#include "waybill/telemetry/utf8.h"

namespace waybill::telemetry {
namespace {

constexpr std::string_view kOurs[] = {"messaging.", "server.", "network.", "error.", "waybill."};

bool is_ours(std::string_view name) {
  return std::any_of(std::begin(kOurs), std::end(kOurs),
                     [name](std::string_view begin) { return name.starts_with(begin); });
}

// None: the host says that it is so many bytes, and they are not.
template <typename Value>
std::optional<AttributeValue> number_in(std::string_view bytes) {
  Value value{};
  if (bytes.size() != sizeof value) return std::nullopt;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::optional<AttributeValue> value_of(const HeaderView& given) {
  switch (given.type) {
    case HeaderView::Type::kText:
      break;
    case HeaderView::Type::kInteger:
      return number_in<std::int64_t>(given.value);
    case HeaderView::Type::kDouble:
      return number_in<double>(given.value);
    case HeaderView::Type::kBool:
      if (given.value.size() != 1) return std::nullopt;
      return given.value[0] != 0;
  }
  return std::nullopt;
}

void put_one(AttributeList& attributes, const HeaderView& given) {
  if (given.type == HeaderView::Type::kText) return attributes.put_named(given.name, text_of(given));
  if (const std::optional<AttributeValue> value = value_of(given)) attributes.put_named(given.name, *value);
}

}  // namespace

void put_given(AttributeList& attributes, const RecordHeaders& headers) {
  absl::InlinedVector<HeaderView, 8> all;
  headers.for_each([&](const HeaderView& one) {
    if (!one.is_given) return;
    if (!one.name.empty() && is_utf8(one.name) && !is_ours(one.name))
      all.push_back(one);
    else
      attributes.leave_out(1);
  });
  for (auto given = all.begin(); given != all.end(); ++given) {
    const bool comes_again =
        std::any_of(given + 1, all.end(), [&](const HeaderView& later) { return later.name == given->name; });
    if (!comes_again) put_one(attributes, *given);
  }
}

}  // namespace waybill::telemetry
