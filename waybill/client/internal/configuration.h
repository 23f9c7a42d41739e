#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

#include "waybill/agent/entry_points.h"
#include "waybill/client/kafka_error.h"
#include "waybill/client/properties.h"
#include "waybill/support/expected.h"

namespace waybill::internal {

struct DestroyConfiguration {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Configuration = std::unique_ptr<rd_kafka_conf_t, DestroyConfiguration>;

// An error names the property that librdkafka does not take.
Expected<Configuration> make_configuration(const Properties& properties);

// A client of what was configured, traced where that can be: by `chosen`, or, where that is null, by the
// default core. An error is librdkafka's.
Expected<rd_kafka_t*> make_client(rd_kafka_type_t type, Configuration conf, const agent::EntryPoints* chosen);

// Success, or the error with what librdkafka says of it.
KafkaResult<void> result_of(rd_kafka_resp_err_t code);
// Destroys `error`, which may be null.
KafkaResult<void> result_of(rd_kafka_error_t* error);

}  // namespace waybill::internal
