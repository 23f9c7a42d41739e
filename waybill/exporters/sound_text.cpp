#include "waybill/exporters/sound_text.h"

#include <algorithm>

namespace waybill::exporters {
namespace {

std::string with_replacements(std::string_view text) {
  std::string sound;
  while (!text.empty()) {
    std::size_t length = 1;
    while (length <= std::min<std::size_t>(4, text.size()) && !telemetry::is_utf8(text.substr(0, length)))
      ++length;
    if (length > std::min<std::size_t>(4, text.size())) {
      sound += "\xef\xbf\xbd";
      length = 1;
    } else {
      sound += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return sound;
}

}  // namespace

void SoundText::replace() {
  replaced_ = with_replacements(text_);
  text_ = replaced_;
}

}  // namespace waybill::exporters
