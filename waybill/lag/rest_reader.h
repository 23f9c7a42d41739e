#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <vector>

#include "waybill/lag/cluster_connection.h"
#include "waybill/lag/rest_book.h"

namespace waybill::lag {

// Reads pieces of logs through a connection, and counts the messages in them. Bounded in records, bytes and
// time: what was not reached is not known. Owned by the connection's thread.
class RestReader {
 public:
  struct Limits {  // of one call
    std::uint64_t bytes = std::uint64_t{16} << 20U;
    std::chrono::milliseconds time{10'000};
    std::chrono::milliseconds time_together{3'000};  // of partitions that are read together
  };

  // `connection` outlives it.
  RestReader(ClusterConnection& connection, Limits limits) : connection_{connection}, limits_{limits} {}

  // The results stand in the order of the requests.
  std::vector<ReadResult> read(const std::vector<ReadRequest>& requests, const std::stop_token& stop);

 private:
  ClusterConnection& connection_;
  Limits limits_;
};

}  // namespace waybill::lag
