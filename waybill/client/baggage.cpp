#include "waybill/client/baggage.h"

#include <cstddef>

#include "waybill/client/internal/cores.h"

namespace waybill {

std::optional<std::string> baggage_value(std::string_view key) {
  const agent::EntryPoints* core = internal::current_core();
  if (core == nullptr) return std::nullopt;
  std::string value(256, '\0');
  for (;;) {
    const std::ptrdiff_t size = core->baggage_value(key, value.data(), value.size());
    if (size < 0) return std::nullopt;
    const bool fits = static_cast<std::size_t>(size) <= value.size();
    value.resize(static_cast<std::size_t>(size));
    if (fits) return value;
  }
}

}  // namespace waybill
