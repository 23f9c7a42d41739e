// The same as OpenTelemetry's well-known snippet for Java's SDK (a tracer provider with a simple processor
// and a logging exporter, a meter provider, buildAndRegisterGlobal), for this program's Kafka clients.
//
//   builder BOOTSTRAP_SERVERS TOPIC

#include <cstdio>

#include "waybill/client/producer.h"
#include "waybill/client/telemetry_builder.h"

using namespace std::chrono_literals;

int main(int count, char** values) {
  if (count != 3) return 2;
  auto telemetry = waybill::Telemetry::builder()
                       .service_name("checkout")
                       .resource("service.version", "1.2.0")
                       .sampler(waybill::parent_based(waybill::always_on()))
                       .propagators({waybill::w3c(), waybill::baggage()})
                       .add_exporter(waybill::console())
                       .metric_export_interval(10s)
                       .build_and_register_global();
  if (!telemetry) {
    std::fprintf(stderr, "%s\n", telemetry.error().message.c_str());
    return 1;
  }
  auto producer = waybill::Producer::create({{"bootstrap.servers", values[1]}});
  if (!producer) return 1;
  (void)producer->send({values[2], "2 apples"});
  (void)producer->flush(10s);
}
