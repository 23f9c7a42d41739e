// An exporter of the program's own, beside the console.
//
//   custom_exporter BOOTSTRAP_SERVERS TOPIC

#include <cstdio>

#include "waybill/client/producer.h"
#include "waybill/client/span_exporter.h"
#include "waybill/client/telemetry_builder.h"

using namespace std::chrono_literals;

class Printer : public waybill::SpanExporter {
 public:
  bool export_spans(waybill::ListView<waybill::SpanData> spans) override {
    for (const waybill::SpanData& span : spans) {
      std::printf("%.*s, %zu attributes\n", static_cast<int>(span.name.size()), span.name.data(),
                  span.attributes.size());
    }
    return true;
  }
};

int main(int count, char** values) {
  if (count != 3) return 2;
  auto telemetry = waybill::Telemetry::builder()
                       .add_exporter(std::make_shared<Printer>())
                       .add_exporter(waybill::console())
                       .build();
  if (!telemetry) return 1;
  auto producer = waybill::Producer::create({{"bootstrap.servers", values[1]}});
  if (!producer) return 1;
  (void)producer->send({values[2], "2 apples"});
  (void)producer->flush(10s);
}
