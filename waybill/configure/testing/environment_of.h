#pragma once

#include <initializer_list>
#include <string_view>

#include "waybill/configure/environment.h"

namespace waybill::configure::testing {

// NAME=value each.
inline Environment environment_of(std::initializer_list<std::string_view> variables) {
  Environment environment;
  for (const std::string_view variable : variables) environment.set(variable);
  return environment;
}

}  // namespace waybill::configure::testing
