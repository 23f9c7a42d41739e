#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "waybill/segment/record.h"

namespace waybill::telemetry {

// A captured header, as it stands in a record; or an attribute that the application gave.
struct HeaderView {
  enum class Type : std::uint8_t { kText, kInteger, kDouble, kBool };

  std::string_view name;
  std::string_view value;  // empty of a null value
  bool is_null = false;
  bool is_cut = false;
  bool is_attribute = false;        // it is shown by its name
  bool is_conversation_id = false;  // its value is the message's conversation id
  bool is_given = false;            // no header: the application's attribute of this name
  Type type = Type::kText;          // of such a one
};

// The captured headers of one message, read from its record.
class RecordHeaders {
 public:
  RecordHeaders() = default;
  // What stands there was found sound when the record was taken.
  explicit RecordHeaders(const char* place) : place_{place} {}

  // Whether headers that fit stand in `record` from its byte `at` on.
  static bool are_sound(std::span<const std::uint8_t> record, std::size_t at) {
    segment::CapturedHeaders head;
    if (record.size() < at + sizeof head) return false;
    std::memcpy(&head, record.data() + at, sizeof head);
    if (head.count > segment::kMaxCapturedHeaders) return false;
    at += sizeof head;
    for (std::size_t left = head.count; left != 0; --left) {
      segment::CapturedHeader entry;
      if (record.size() < at + sizeof entry) return false;
      std::memcpy(&entry, record.data() + at, sizeof entry);
      at += sizeof entry + entry.name_size + entry.value_size;
    }
    return at <= record.size();
  }

  // How many the host had no room for.
  std::uint32_t left_out() const { return place_ == nullptr ? 0 : head().left_out; }

  // Calls `visit(HeaderView)` for each, in the order of the message.
  template <typename Visitor>
  void for_each(Visitor&& visit) const {
    if (place_ == nullptr) return;
    const char* at = place_ + sizeof(segment::CapturedHeaders);
    for (std::size_t left = head().count; left != 0; --left) {
      segment::CapturedHeader entry;
      std::memcpy(&entry, at, sizeof entry);
      at += sizeof entry;
      const std::string_view name{at, entry.name_size};
      const std::string_view value{at + entry.name_size, entry.value_size};
      at += name.size() + value.size();
      visit(HeaderView{.name = name,
                       .value = value,
                       .is_null = (entry.bits & segment::kNullValue) != 0,
                       .is_cut = (entry.bits & segment::kValueCut) != 0,
                       .is_attribute = (entry.uses & segment::kForAttribute) != 0,
                       .is_conversation_id = (entry.uses & segment::kForConversationId) != 0,
                       .is_given = (entry.uses & segment::kIsAttribute) != 0,
                       .type = type_of(entry.bits)});
    }
  }

 private:
  static HeaderView::Type type_of(std::uint8_t bits) {
    if ((bits & segment::kIntegerValue) != 0) return HeaderView::Type::kInteger;
    if ((bits & segment::kDoubleValue) != 0) return HeaderView::Type::kDouble;
    return (bits & segment::kBoolValue) != 0 ? HeaderView::Type::kBool : HeaderView::Type::kText;
  }

  segment::CapturedHeaders head() const {
    segment::CapturedHeaders head;
    std::memcpy(&head, place_, sizeof head);
    return head;
  }

  const char* place_ = nullptr;  // null: none were captured
};

}  // namespace waybill::telemetry
