#pragma once

#include <cstdint>

namespace waybill::exporters {

// The flags of an OTLP span or link: those of the W3C context, and in bits 8 and 9 whether its context (of a
// span: its parent's) is known to be, and is, from another process.
constexpr std::uint32_t otlp_flags(std::uint8_t context_flags, bool is_remote) {
  constexpr std::uint32_t kHasIsRemote = 0x100;
  constexpr std::uint32_t kIsRemote = 0x200;
  return context_flags | kHasIsRemote | (is_remote ? kIsRemote : 0);
}

}  // namespace waybill::exporters
