#pragma once

#include <string>
#include <string_view>

#include "waybill/telemetry/utf8.h"

namespace waybill::exporters {

// A text that a receiver takes: as it came, or with U+FFFD for each byte that is not UTF-8. Refers to the
// text that it is made of.
class SoundText {
 public:
  explicit SoundText(std::string_view text) : text_{text} {
    if (!telemetry::is_utf8(text)) replace();
  }
  SoundText(const SoundText&) = delete;
  SoundText& operator=(const SoundText&) = delete;

  std::string_view view() const { return text_; }

 private:
  void replace();

  std::string_view text_;
  std::string replaced_;
};

}  // namespace waybill::exporters
