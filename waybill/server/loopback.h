#pragma once

#include <arpa/inet.h>

#include <string>

namespace waybill::server {

// Whether a host's name means this machine and no other: an address of 127.0.0.0/8, ::1 or "localhost".
inline bool is_loopback(const std::string& host) {
  in_addr address{};
  const bool is_ipv4 = inet_pton(AF_INET, host.c_str(), &address) == 1;
  return host == "localhost" || host == "::1" || (is_ipv4 && (ntohl(address.s_addr) >> 24U) == 127);
}

}  // namespace waybill::server
