// The pipeline's second program: reads orders and writes a payment for each. It knows nothing of tracing.
//
//   billing BROKERS ORDERS PAYMENTS COUNT
#include <librdkafka/rdkafkacpp.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

using Settings = std::initializer_list<std::pair<const char*, const char*>>;

std::unique_ptr<RdKafka::Conf> conf_of(Settings settings) {
  std::unique_ptr<RdKafka::Conf> conf{RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL)};
  std::string error;
  for (const auto& [name, value] : settings) {
    if (conf->set(name, value, error) != RdKafka::Conf::CONF_OK) {
      std::fprintf(stderr, "billing: %s\n", error.c_str());
      std::exit(1);
    }
  }
  return conf;
}

bool pay(RdKafka::Producer& producer, const std::string& topic, const RdKafka::Message& order) {
  std::string payment(static_cast<const char*>(order.payload()), order.len());
  const std::string* key = order.key();
  return producer.produce(topic, RdKafka::Topic::PARTITION_UA, RdKafka::Producer::RK_MSG_COPY, payment.data(),
                          payment.size(), key->data(), key->size(), 0, nullptr) == RdKafka::ERR_NO_ERROR;
}

}  // namespace

int main(int count, char** values) {
  if (count != 5) {
    std::fprintf(stderr, "usage: billing BROKERS ORDERS PAYMENTS COUNT\n");
    return 2;
  }
  std::string error;
  const auto consumer_conf = conf_of({{"bootstrap.servers", values[1]},
                                      {"client.id", "billing-in"},
                                      {"group.id", "billing"},
                                      {"auto.offset.reset", "earliest"}});
  const auto producer_conf = conf_of({{"bootstrap.servers", values[1]}, {"client.id", "billing-out"}});
  const std::unique_ptr<RdKafka::KafkaConsumer> consumer{
      RdKafka::KafkaConsumer::create(consumer_conf.get(), error)};
  const std::unique_ptr<RdKafka::Producer> producer{RdKafka::Producer::create(producer_conf.get(), error)};
  if (!consumer || !producer || consumer->subscribe({values[2]}) != RdKafka::ERR_NO_ERROR) return 1;
  for (int left = std::atoi(values[4]); left > 0;) {
    const std::unique_ptr<RdKafka::Message> order{consumer->consume(500)};
    if (order->err() != RdKafka::ERR_NO_ERROR) continue;
    if (!pay(*producer, values[3], *order)) return 1;
    --left;
  }
  consumer->close();
  return producer->flush(10000) == RdKafka::ERR_NO_ERROR ? 0 : 1;
}
