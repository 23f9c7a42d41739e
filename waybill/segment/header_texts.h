#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "waybill/segment/record.h"

namespace waybill::segment {

// The headers of one message on their way into its record, and the application's attributes before them.
// Texts are borrowed until it is written. What does not fit is counted in the record.
class HeaderTexts {
 public:
  // `value` null: a null value. `uses` and `bits`: those of CapturedHeader.
  void add(std::string_view name, const void* value, std::size_t value_size, std::uint8_t uses,
           std::uint8_t bits = 0) {
    const std::size_t kept = std::min(value_size, kMaxHeaderValue);
    const std::size_t taken = sizeof(CapturedHeader) + name.size() + kept;
    if (name.size() > kMaxHeaderName || head_.count == kMaxCapturedHeaders ||
        size_ + taken > kMaxCapturedBytes) {
      ++head_.left_out;
      return;
    }
    if (value == nullptr) bits |= kNullValue;
    if (kept < value_size) bits |= kValueCut;
    entries_[head_.count] = {static_cast<std::uint16_t>(name.size()), static_cast<std::uint16_t>(kept), bits,
                             uses};
    names_[head_.count] = name.data();
    values_[head_.count] = value;
    ++head_.count;
    size_ += taken;
  }
  // So many more were left out before.
  void leave_out(std::uint16_t count) { head_.left_out = static_cast<std::uint16_t>(head_.left_out + count); }

  // Takes back what was added since mark().
  struct Mark {
    CapturedHeaders head;
    std::size_t size;
  };
  Mark mark() const { return {head_, size_}; }
  void drop_from(const Mark& mark) {
    head_ = mark.head;
    size_ = mark.size;
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
