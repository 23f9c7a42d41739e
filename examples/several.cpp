// Two services in one program, each with settings of its own: what one processes, the other answers.
//
//   several BOOTSTRAP_SERVERS ORDERS_TOPIC AUDIT_TOPIC

#include <string>

#include "waybill/client/consumer.h"
#include "waybill/client/producer.h"
#include "waybill/client/telemetry_builder.h"

using namespace std::chrono_literals;

int main(int count, char** values) {
  if (count != 4) return 2;
  auto shop = waybill::Telemetry::builder().service_name("shop").add_exporter(waybill::console()).build();
  auto audit = waybill::Telemetry::builder().service_name("audit").add_exporter(waybill::otlp_http()).build();
  if (!shop || !audit) return 1;

  const waybill::Properties brokers{{"bootstrap.servers", values[1]}};
  waybill::Properties group = brokers;
  group.insert(group.end(), {{"group.id", "shop"}, {"auto.offset.reset", "earliest"}});
  auto consumer = waybill::Consumer::create(*shop, group);
  auto producer = waybill::Producer::create(*audit, brokers);
  if (!consumer || !producer || !consumer->subscribe({values[2]})) return 1;

  for (;;) {
    auto polled = consumer->poll(1s);
    if (!polled) return 1;
    if (!*polled) continue;
    waybill::process(**polled, [&](const waybill::Record& record) {
      (void)producer->send({values[3], record.value()});
    });
    break;
  }
  (void)producer->flush(10s);
}
