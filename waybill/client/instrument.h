#pragma once

#include <librdkafka/rdkafka.h>

#include <string_view>
#include <vector>

#include "waybill/client/api.h"
#include "waybill/support/expected.h"

namespace waybill {

// What instrument() gives: the clients are traced, but for this.
struct Instrumented {
  std::vector<std::string_view> not_seen;  // a sentence each
};

class Telemetry;

// Has every client that is made from `conf`, or from a copy of it, traced: one span for each message that is
// sent and for each that is polled. Interceptors do it, so the application's calls, callbacks and opaque
// pointers stay as they are. Doing it twice changes nothing.
//
//   rd_kafka_conf_t* conf = rd_kafka_conf_new();
//   waybill::instrument(conf);
//
// An error says why not; the clients then work as they would without. When rd_kafka_new fails, do not destroy
// the configuration: librdkafka (2.0.2 at least) may have freed parts of it. Thread: the one that owns
// `conf`.
WAYBILL_API Expected<Instrumented> instrument(rd_kafka_conf_t* conf);

// The same, for this telemetry of several in the process. A configuration that is traced for another one is
// an error.
WAYBILL_API Expected<Instrumented> instrument(const Telemetry& telemetry, rd_kafka_conf_t* conf);

// The same for librdkafka++: waybill::instrument(*RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL)). One
// that holds the properties of a topic is an error.
template <typename Conf>
auto instrument(Conf& conf) -> decltype(conf.c_ptr_global(), Expected<Instrumented>{Instrumented{}}) {
  return instrument(conf.c_ptr_global());
}
template <typename Conf>
auto instrument(const Telemetry& telemetry, Conf& conf)
    -> decltype(conf.c_ptr_global(), Expected<Instrumented>{Instrumented{}}) {
  return instrument(telemetry, conf.c_ptr_global());
}

}  // namespace waybill
