#pragma once

#include <string>
#include <vector>

namespace waybill::cli {

struct BrokerOptions {
  std::vector<std::string> topics;  // NAME[:PARTITIONS]
  int brokers = 1;
};

// `waybill broker`: librdkafka's mock cluster as a program of its own. Prints its address on stdout and runs
// until SIGINT or SIGTERM. Returns the exit code.
int broker_command(const BrokerOptions& options);

}  // namespace waybill::cli
