#include "waybill/client/instrument.h"

#include "waybill/client/internal/core.h"

namespace waybill {

Expected<Instrumented> instrument(rd_kafka_conf_t* conf) {
  if (conf == nullptr) {
    return Error{
        Error::Code::kUsage,
        "there is no configuration: one with the properties of a topic cannot be traced, the one that a "
        "client is made from can"};
  }
  const Expected<void> observed = internal::observe(conf);
  if (!observed) return observed.error();
  return Instrumented{{
      "A message that librdkafka does not take (its queue is full, it is too large) tells no interceptor: "
      "waybill::Producer sees it.",
      "When processing ends is not told: waybill::ProcessScope says it.",
      "When a poll began is not told, so a receive span has no duration: waybill::Consumer sees it.",
  }};
}

}  // namespace waybill
