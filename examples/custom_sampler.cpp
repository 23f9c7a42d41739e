// A sampler of the program's own: spans of one topic only, where nothing else has decided yet.
//
//   custom_sampler BOOTSTRAP_SERVERS SAMPLED_TOPIC OTHER_TOPIC

#include "waybill/client/custom_sampler.h"

#include <string>
#include <utility>

#include "waybill/client/producer.h"
#include "waybill/client/telemetry_builder.h"

using namespace std::chrono_literals;

class OnlyOneTopic : public waybill::CustomSampler {
 public:
  explicit OnlyOneTopic(std::string topic) : topic_{std::move(topic)} {}
  bool should_sample(const waybill::SpanStart& span) override { return span.topic == topic_; }

 private:
  const std::string topic_;
};

int main(int count, char** values) {
  if (count != 4) return 2;
  auto telemetry = waybill::Telemetry::builder()
                       .sampler(waybill::parent_based(std::make_shared<OnlyOneTopic>(values[2])))
                       .add_exporter(waybill::console())
                       .build();
  if (!telemetry) return 1;
  auto producer = waybill::Producer::create({{"bootstrap.servers", values[1]}});
  if (!producer) return 1;
  for (const char* topic : {values[2], values[3]}) (void)producer->send({topic, "2 apples"});
  (void)producer->flush(10s);
}
