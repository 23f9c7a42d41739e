#pragma once

#include <librdkafka/rdkafka.h>

#include <nlohmann/json.hpp>
#include <string>

#include "options.h"

namespace waybill::bench {

// What stands between the loop and librdkafka: nothing, or an instrumentation by hand.
struct Hooks {
  // Like rd_kafka_produce: 0, or -1 with rd_kafka_last_error().
  int (*produce)(rd_kafka_t* producer, rd_kafka_topic_t* topic, std::string& value);
  // In the delivery report; may be null.
  void (*delivered)(const rd_kafka_message_t* message);
  // Before the client is made; may be null.
  void (*prepare)(rd_kafka_conf_t* conf) = nullptr;
};
int plain_produce(rd_kafka_t* producer, rd_kafka_topic_t* topic, std::string& value);

// Sends the messages, waits for their delivery reports, and tells what it cost.
nlohmann::ordered_json produce(const Options& options, const Hooks& hooks = {plain_produce, nullptr});

}  // namespace waybill::bench
