#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace waybill::telemetry {

// host and port of a broker; an empty host means that nothing is known.
struct Server {
  std::string host;
  std::int64_t port = 0;  // 0: not known

  // The host is an address, not a name.
  bool is_address() const;
};

// Reads "host:port", "[::1]:9092" or "PLAINTEXT://host:port"; of a comma list the first.
Server parse_server(std::string_view text);

// What a client's configuration says about it, as its host wrote it down.
struct ClientProfile {
  bool producer = false;
  std::string client_id;
  std::string group_id;
  Server first_server;
  std::string library_version;
  std::optional<std::int64_t> acks;  // -1: all; empty: not set on the client
  std::string transactional_id;
  std::string servers;            // bootstrap.servers, as configured
  std::string isolation_level;    // empty: not known
  std::string security_protocol;  // in lower case, as librdkafka tells it; empty: not known
  std::int64_t max_poll_interval_ms = 300'000;
};

// `fields` are separated by zero bytes, in the order in which Room::open_client writes them.
ClientProfile parse_client_profile(std::string_view fields);

}  // namespace waybill::telemetry
