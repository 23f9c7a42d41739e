// A traced producer and a traced consumer. Its spans and metrics go where the OTEL_* variables say.
//
//   quickstart localhost:9092 orders

#include <cstdio>

#include "waybill/client/consumer.h"
#include "waybill/client/producer.h"
#include "waybill/client/telemetry.h"

using namespace std::chrono_literals;

int fail(const std::string& message) {
  std::fprintf(stderr, "quickstart: %s\n", message.c_str());
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 3) return fail("Usage: quickstart BOOTSTRAP_SERVERS TOPIC");
  auto telemetry = waybill::Telemetry::autoconfigure();
  if (!telemetry) return fail(telemetry.error().message);

  auto producer = waybill::Producer::create({{"bootstrap.servers", argv[1]}});
  if (!producer) return fail(producer.error().message);
  auto sent = producer->send({argv[2], "2 apples"}, [](const waybill::DeliveryReport& report) {
    std::printf("sent to partition %d, offset %lld\n", report.partition,
                static_cast<long long>(report.offset));
  });
  if (!sent) return fail(sent.error().message);
  if (auto flushed = producer->flush(10s); !flushed) return fail(flushed.error().message);

  auto consumer = waybill::Consumer::create(
      {{"bootstrap.servers", argv[1]}, {"group.id", "billing"}, {"auto.offset.reset", "earliest"}});
  if (!consumer) return fail(consumer.error().message);
  if (auto subscribed = consumer->subscribe({argv[2]}); !subscribed) return fail(subscribed.error().message);
  for (;;) {
    auto polled = consumer->poll(1s);
    if (!polled) return fail(polled.error().message);
    if (!*polled) continue;
    waybill::process(**polled, [](const waybill::Record& record) {
      std::printf("billing %.*s\n", static_cast<int>(record.value()->size()), record.value()->data());
    });
    break;
  }
  return 0;
}
