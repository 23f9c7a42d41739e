#include "waybill/exporters/make_transport.h"

#include <utility>

#include "waybill/exporters/http_transport.h"
#include "waybill/exporters/kafka_transport.h"
#include "waybill/exporters/otlp_grpc_protocol.h"
#include "waybill/exporters/otlp_http_protocol.h"

namespace waybill::exporters {
namespace {

std::unique_ptr<ReceiverProtocol> make_protocol(configure::OtlpProtocol protocol) {
  switch (protocol) {
    case configure::OtlpProtocol::kHttpProtobuf:
      return std::make_unique<OtlpHttpProtobufProtocol>();
    case configure::OtlpProtocol::kHttpJson:
      return std::make_unique<OtlpHttpJsonProtocol>();
    case configure::OtlpProtocol::kGrpc:
      return std::make_unique<OtlpGrpcProtocol>();
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<Transport> make_otlp_transport(const configure::HttpSettings& settings,
                                               configure::OtlpProtocol protocol) {
  return std::make_unique<HttpTransport>(settings, make_protocol(protocol));
}

std::unique_ptr<Transport> make_kafka_transport(const configure::KafkaSettings& settings, std::string topic) {
  return std::make_unique<KafkaTransport>(settings, std::move(topic));
}

}  // namespace waybill::exporters
