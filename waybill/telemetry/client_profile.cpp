#include "waybill/telemetry/client_profile.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace waybill::telemetry {
namespace {

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> parse_acks(std::string_view text) {
  return text == "all" ? -1 : parse_number(text);
}

}  // namespace

bool Server::is_address() const {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

Server parse_server(std::string_view text) {
  text = text.substr(0, text.find(','));
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos)
    text.remove_prefix(scheme + 3);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);

  Server server;
  std::size_t colon = text.rfind(':');
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return server;
    server.host = text.substr(1, bracket - 1);
    colon = text.find(':', bracket);
  } else {
    server.host = text.substr(0, colon);
  }
  if (colon != std::string_view::npos) server.port = parse_number(text.substr(colon + 1)).value_or(0);
  return server;
}

ClientProfile parse_client_profile(std::string_view fields) {
  std::array<std::string_view, 10> texts;
  for (std::string_view& text : texts) {
    const std::size_t end = fields.find('\0');
    text = fields.substr(0, end);
    fields.remove_prefix(end == std::string_view::npos ? fields.size() : end + 1);
  }
  ClientProfile profile;
  profile.producer = texts[0] == "producer";
  profile.client_id = texts[1];
  profile.group_id = texts[2];
  profile.first_server = parse_server(texts[3]);
  profile.library_version = texts[4];
  profile.acks = parse_acks(texts[5]);
  profile.transactional_id = texts[6];
  profile.servers = texts[3];
  profile.isolation_level = texts[7];
  profile.security_protocol = texts[8];
  profile.max_poll_interval_ms = parse_number(texts[9]).value_or(profile.max_poll_interval_ms);
  return profile;
}

}  // namespace waybill::telemetry
