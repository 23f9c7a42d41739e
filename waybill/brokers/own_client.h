#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "waybill/support/expected.h"

namespace waybill::brokers {

// librdkafka's names and values, which may be secrets: never print them.
using Properties = std::vector<std::pair<std::string, std::string>>;

struct DestroyConf {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, DestroyConf>;

// How a client of the collecting process connects: `ours`, in their place what the user gives, and in any
// case `promised`. It logs nothing, because what matters comes with errors and reports. The error names a
// property that cannot be used, but not its value; none may load code or run a command.
Expected<Conf> make_conf(const Properties& ours, const Properties& users, const Properties& promised);

struct DestroyClient {
  // There is no group to leave.
  void operator()(rd_kafka_t* client) const {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
};
using Client = std::unique_ptr<rd_kafka_t, DestroyClient>;

// A client that is never traced, not even where Waybill's own libraries are loaded into this process: spans
// about the sending of spans would never end. The error is librdkafka's text. Thread: any.
Expected<Client> make_client(rd_kafka_type_t type, Conf conf);

}  // namespace waybill::brokers
