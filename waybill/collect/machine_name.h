#pragma once

#include <unistd.h>

#include <array>
#include <string>

namespace waybill::collect {

// As the kernel tells it; empty when it does not.
inline std::string machine_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string{name.data()} : std::string{};
}

}  // namespace waybill::collect
