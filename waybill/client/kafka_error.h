#pragma once

#include <librdkafka/rdkafka.h>

#include <string>

#include "waybill/support/expected.h"

namespace waybill {

// What librdkafka answered in place of what was asked for. Expected by every call that asks it something.
struct KafkaError {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_UNKNOWN;
  std::string message;  // for a person
};

template <typename T>
using KafkaResult = Expected<T, KafkaError>;

}  // namespace waybill
