#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "waybill/segment/record.h"

namespace waybill::segment {

// The headers of one message on their way into its record. Texts are borrowed until it is written. What does
// not fit is counted in the record.
class HeaderTexts {
 public:
  // `value` null: a null value. `uses`: CapturedHeader::uses.
  void add(std::string_view name, const void* value, std::size_t value_size, std::uint8_t uses) {
    const std::size_t kept = std::min(value_size, kMaxHeaderValue);
    const std::size_t taken = sizeof(CapturedHeader) + name.size() + kept;
    if (name.size() > kMaxHeaderName || head_.count == kMaxCapturedHeaders ||
        size_ + taken > kMaxCapturedBytes) {
      ++head_.left_out;
      return;
    }
    std::uint8_t bits = value == nullptr ? kNullValue : std::uint8_t{0};
    if (kept < value_size) bits |= kValueCut;
    entries_[head_.count] = {static_cast<std::uint16_t>(name.size()), static_cast<std::uint16_t>(kept), bits,
                             uses};
    names_[head_.count] = name.data();
    values_[head_.count] = value;
    ++head_.count;
    size_ += taken;
  }
  void clear() {
    head_ = {};
    size_ = sizeof head_;
  }

  bool empty() const { return head_.count == 0 && head_.left_out == 0; }

  // Bytes that write() takes.
  std::size_t size() const { return size_; }
  void write(std::uint8_t* place) const {
    place = put(place, &head_, sizeof head_);
    for (std::size_t at = 0; at < head_.count; ++at) {
      const CapturedHeader& entry = entries_[at];
      place = put(place, &entry, sizeof entry);
      place = put(place, names_[at], entry.name_size);
      place = put(place, values_[at], entry.value_size);
    }
  }

 private:
  static std::uint8_t* put(std::uint8_t* place, const void* bytes, std::size_t size) {
    if (size != 0) std::memcpy(place, bytes, size);
    return place + size;
  }

  CapturedHeaders head_{};
  std::size_t size_ = sizeof head_;
  // Those below head_.count count.
  CapturedHeader entries_[kMaxCapturedHeaders];
  const char* names_[kMaxCapturedHeaders];
  const void* values_[kMaxCapturedHeaders];
};

}  // namespace waybill::segment
