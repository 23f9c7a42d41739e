#pragma once

#include <algorithm>
#include <cstring>
#include <string>

#include "waybill/context/hex.h"
#include "waybill/context/span_context.h"

namespace waybill::otlp::internal {

// Not valid where the bytes are none, of another length, or all zero.
template <typename Id>
Id id_of(const std::string& bytes) {
  Id id;
  if (bytes.size() == id.bytes.size()) std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
  return id;
}

template <typename Id>
std::string hex_of(const Id& id) {
  std::string text(2 * id.bytes.size(), '0');
  context::to_hex(id.bytes.data(), id.bytes.size(), text.data());
  return text;
}

}  // namespace waybill::otlp::internal
