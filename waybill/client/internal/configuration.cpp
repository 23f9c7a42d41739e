#include "waybill/client/internal/configuration.h"

#include <cstdio>

#include "waybill/client/internal/cores.h"
#include "waybill/support/log.h"

namespace waybill::internal {

Expected<Configuration> make_configuration(const Properties& properties) {
  Configuration conf{rd_kafka_conf_new()};
  char reason[512];
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), reason, sizeof reason) != RD_KAFKA_CONF_OK)
      return Error{Error::Code::kInvalidSetting, name + ": " + reason};
  }
  return conf;
}

Expected<rd_kafka_t*> make_client(rd_kafka_type_t type, Configuration conf,
                                  const agent::EntryPoints* chosen) {
  const Expected<void> observed = observe(chosen, conf.get());
  if (!observed) {
    static Log log{Log::Level::kWarning};
    log.warning("not observed", "a Kafka client is not traced: " + observed.error().message);
  }
  char reason[512];
  // It is the client's now; or it is left behind: when rd_kafka_new fails late, librdkafka has freed the
  // interceptors on it already, and destroying it would free them twice.
  rd_kafka_t* client = rd_kafka_new(type, conf.release(), reason, sizeof reason);
  if (client == nullptr) return Error{Error::Code::kInvalidSetting, reason};
  return client;
}

KafkaResult<void> result_of(rd_kafka_resp_err_t code) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return KafkaError{code, rd_kafka_err2str(code)};
}

KafkaResult<void> result_of(rd_kafka_error_t* error) {
  if (error == nullptr) return {};
  KafkaError told{rd_kafka_error_code(error), rd_kafka_error_string(error)};
  rd_kafka_error_destroy(error);
  return told;
}

}  // namespace waybill::internal
