#pragma once

#include <librdkafka/rdkafka.h>

#include <nlohmann/json.hpp>

#include "options.h"

namespace waybill::bench {

// How a message is read, where it is not librdkafka's bare call.
struct Reading {
  void (*prepare)(rd_kafka_conf_t* conf) = nullptr;
  bool (*take)(rd_kafka_t* consumer) = nullptr;  // whether a message was got; null: poll and destroy
};

// Reads the topic's messages, again from the start when they are few, and tells what it cost.
nlohmann::ordered_json consume(const Options& options, const Reading& reading = {});

// Fills the topic for consume().
void fill(const Options& options, const std::string& brokers, std::uint64_t messages);

}  // namespace waybill::bench
