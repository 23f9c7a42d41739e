// Attributes of the program's own on the spans of its messages.
//
//   attributes BOOTSTRAP_SERVERS TOPIC

#include <string>

#include "waybill/client/message_attributes.h"
#include "waybill/client/producer.h"
#include "waybill/client/telemetry_builder.h"

using namespace std::chrono_literals;

void describe(const waybill::MessageView& message, waybill::MessageAttributes& attributes) {
  if (const auto tenant = message.header("tenant")) attributes.set("app.tenant", *tenant);
  if (const auto value = message.value()) attributes.set("app.order.length", value->size());
}

int main(int count, char** values) {
  if (count != 3) return 2;
  auto telemetry =
      waybill::Telemetry::builder().attributes(describe).add_exporter(waybill::otlp_stdout()).build();
  if (!telemetry) return 1;
  auto producer = waybill::Producer::create({{"bootstrap.servers", values[1]}});
  if (!producer) return 1;
  (void)producer->send({.topic = values[2], .value = "2 apples", .headers = {{"tenant", "eu"}}});
  (void)producer->flush(10s);
}
