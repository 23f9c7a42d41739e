// The demo's first program: takes orders and writes them to a topic, as any program would. Not a line of it
// knows of tracing.
//
//   orders BROKERS TOPIC COUNT      0: until it is ended

#include <librdkafka/rdkafkacpp.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

namespace {

class Deliveries final : public RdKafka::DeliveryReportCb {
 public:
  void dr_cb(RdKafka::Message& message) override {
    if (message.err() != RdKafka::ERR_NO_ERROR)
      std::fprintf(stderr, "orders: %s\n", message.errstr().c_str());
  }
};

bool set(RdKafka::Conf& conf, const std::string& name, const std::string& value) {
  std::string error;
  if (conf.set(name, value, error) == RdKafka::Conf::CONF_OK) return true;
  std::fprintf(stderr, "orders: %s\n", error.c_str());
  return false;
}

}  // namespace

int main(int count, char** values) {
  if (count != 4) {
    std::fprintf(stderr, "usage: orders BROKERS TOPIC COUNT\n");
    return 2;
  }
  const std::string topic = values[2];
  const int orders = std::atoi(values[3]);
  Deliveries deliveries;
  const std::unique_ptr<RdKafka::Conf> conf{RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL)};
  std::string error;
  if (!set(*conf, "bootstrap.servers", values[1]) || !set(*conf, "client.id", "orders-1") ||
      !set(*conf, "linger.ms", "5") || conf->set("dr_cb", &deliveries, error) != RdKafka::Conf::CONF_OK) {
    return 1;
  }
  const std::unique_ptr<RdKafka::Producer> producer{RdKafka::Producer::create(conf.get(), error)};
  if (!producer) {
    std::fprintf(stderr, "orders: %s\n", error.c_str());
    return 1;
  }
  for (int number = 1; orders == 0 || number <= orders; ++number) {
    const std::string key = "customer-" + std::to_string(number % 3);
    std::string order =
        "{\"order\": " + std::to_string(number) + ", \"cents\": " + std::to_string(number * 1250) + "}";
    producer->produce(topic, RdKafka::Topic::PARTITION_UA, RdKafka::Producer::RK_MSG_COPY, order.data(),
                      order.size(), key.data(), key.size(), 0, nullptr);
    producer->poll(0);
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return producer->flush(10'000) == RdKafka::ERR_NO_ERROR ? 0 : 1;
}
