#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "waybill/client/api.h"

namespace waybill {

// What the baggage that is current on this thread says of `key`: of the message that is processed, or of the
// context that a ContextScope took up. Percent-decoded; what then is not UTF-8 is U+FFFD. Of a key that
// stands there several times the last value counts. None: no scope is current, there is no such entry, or
// baggage is not among OTEL_PROPAGATORS. A batch of several messages has no baggage.
WAYBILL_API std::optional<std::string> baggage_value(std::string_view key);

}  // namespace waybill
