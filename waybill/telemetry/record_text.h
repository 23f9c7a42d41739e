#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "waybill/context/span_context.h"
#include "waybill/segment/reader.h"
#include "waybill/segment/record.h"
#include "waybill/telemetry/record_headers.h"

// How the parts of a record are read.
namespace waybill::telemetry {

// The fixed part of a record, if that much was written.
template <typename Record>
std::optional<Record> fixed_part(const segment::RecordView& view) {
  Record record;
  if (view.bytes.size() < sizeof record) return std::nullopt;
  std::memcpy(&record, view.bytes.data(), sizeof record);
  return record;
}

// Whether texts of `texts` bytes, and captured headers if the record says that it has them, stand behind its
// fixed part.
template <typename Record>
bool holds_texts(const segment::RecordView& view, const Record& record, std::size_t texts) {
  const std::size_t end = sizeof record + texts;
  return view.bytes.size() >= end && (record.has_headers == 0 || RecordHeaders::are_sound(view.bytes, end));
}

// Without B3's debug flag, which is none of W3C's.
inline context::SpanContext from_record(const segment::RecordContext& record) {
  return {
      {record.trace_id}, {record.span_id}, static_cast<std::uint8_t>(record.flags & ~context::kFlagDebug)};
}

// Takes texts from the end of a record, in order. That they are there was checked when the record was taken.
class RecordText {
 public:
  RecordText(const std::uint8_t* record, std::size_t fixed)
      : at_{reinterpret_cast<const char*>(record) + fixed} {}

  std::string_view take(std::size_t size) {
    const std::string_view text{at_, size};
    at_ += size;
    return text;
  }

  // The message's key, if it has one and it is whole.
  std::optional<std::string_view> take_key(std::uint8_t record_bits, std::size_t size) {
    const std::string_view text = take(size);
    const bool is_whole =
        (record_bits & segment::bits::kHasKey) != 0 && (record_bits & segment::bits::kKeyCut) == 0;
    return is_whole ? std::optional{text} : std::nullopt;
  }

  // They come last.
  RecordHeaders headers(std::uint8_t has_headers) const {
    return has_headers != 0 ? RecordHeaders{at_} : RecordHeaders{};
  }

 private:
  const char* at_;
};

}  // namespace waybill::telemetry
