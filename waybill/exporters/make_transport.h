#pragma once

#include <memory>
#include <string>

#include "waybill/configure/settings.h"
#include "waybill/exporters/transport.h"

namespace waybill::exporters {

// How OTLP of any signal gets to the receiver that `settings` name.
std::unique_ptr<Transport> make_otlp_transport(const configure::HttpSettings& settings,
                                               configure::OtlpProtocol protocol);

// How OTLP in protobuf gets to a topic of Kafka.
std::unique_ptr<Transport> make_kafka_transport(const configure::KafkaSettings& settings, std::string topic);

}  // namespace waybill::exporters
