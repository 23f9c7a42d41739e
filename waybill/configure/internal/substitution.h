#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/configure/environment.h"

namespace waybill::configure::internal {

struct Substituted {
  std::string text;
  std::vector<std::string> missing;    // variables that are neither set nor have a default
  std::optional<std::string> invalid;  // a reference that is none; `text` then means nothing
};

// Puts variables in place of ${NAME}, ${env:NAME} and ${NAME:-default}, and $ in place of $$. What comes from
// a variable is not looked at again. (OpenTelemetry specification, Configuration Data Model, "Environment
// variable substitution".)
Substituted substitute(std::string_view text, const Environment& variables);

}  // namespace waybill::configure::internal
