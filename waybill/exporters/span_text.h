#pragma once

#include <string>

#include "waybill/context/hex.h"

namespace waybill::exporters {

// The lower-case digits of a trace or span id.
template <typename Id>
std::string hex_text(const Id& id) {
  std::string text(id.bytes.size() * 2, '0');
  context::to_hex(id.bytes.data(), id.bytes.size(), text.data());
  return text;
}

}  // namespace waybill::exporters
