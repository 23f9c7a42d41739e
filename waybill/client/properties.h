#pragma once

#include <string>
#include <utility>
#include <vector>

namespace waybill {

// librdkafka's configuration properties, as its CONFIGURATION.md names them: {{"bootstrap.servers",
// "kafka:9092"}, …}.
using Properties = std::vector<std::pair<std::string, std::string>>;

}  // namespace waybill
