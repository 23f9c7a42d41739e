#pragma once

#include <nlohmann/json.hpp>

#include "options.h"

namespace waybill::bench {

// Reads the topic's messages, again from the start when they are few, and tells what it cost.
nlohmann::ordered_json consume(const Options& options);

// Fills the topic for consume().
void fill(const Options& options, const std::string& brokers, std::uint64_t messages);

}  // namespace waybill::bench
