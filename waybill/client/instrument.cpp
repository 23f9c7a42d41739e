#include "waybill/client/instrument.h"

#include "waybill/client/internal/cores.h"
#include "waybill/client/internal/telemetry_state.h"

namespace waybill {
namespace {

Expected<Instrumented> instrument_for(const agent::EntryPoints* chosen, rd_kafka_conf_t* conf) {
  if (conf == nullptr) {
    return Error{
        Error::Code::kUsage,
        "there is no configuration: one with the properties of a topic cannot be traced, the one that a "
        "client is made from can"};
  }
  const Expected<void> observed = internal::observe(chosen, conf);
  if (!observed) return observed.error();
  return Instrumented{{
      "A message that librdkafka does not take (its queue is full, it is too large) tells no interceptor: "
      "waybill::Producer sees it.",
      "When processing ends is not told: waybill::ProcessScope says it.",
      "When a poll began is not told, so a receive span has no duration: waybill::Consumer sees it.",
  }};
}

}  // namespace

Expected<Instrumented> instrument(rd_kafka_conf_t* conf) { return instrument_for(nullptr, conf); }

Expected<Instrumented> instrument(const Telemetry& telemetry, rd_kafka_conf_t* conf) {
  return instrument_for(&internal::core_of(telemetry), conf);
}

}  // namespace waybill
