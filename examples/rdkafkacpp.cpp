// librdkafka++ with one line more for each client.
//
//   rdkafkacpp BOOTSTRAP_SERVERS TOPIC

#include <librdkafka/rdkafkacpp.h>

#include <iostream>
#include <memory>

#include "waybill/client/instrument.h"

int main(int count, char** values) {
  if (count != 3) return 2;
  std::string reason;
  const std::unique_ptr<RdKafka::Conf> conf{RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL)};
  conf->set("bootstrap.servers", values[1], reason);

  const auto traced = waybill::instrument(*conf);
  if (!traced) std::cerr << "not traced: " << traced.error().message << '\n';

  const std::unique_ptr<RdKafka::Producer> producer{RdKafka::Producer::create(conf.get(), reason)};
  if (producer == nullptr) {
    std::cerr << reason << '\n';
    return 1;
  }
  std::string value = "2 apples";
  producer->produce(values[2], RdKafka::Topic::PARTITION_UA, RdKafka::Producer::RK_MSG_COPY, value.data(),
                    value.size(), nullptr, 0, 0, nullptr);
  producer->flush(10000);
  if (traced) {
    for (const auto sentence : traced->not_seen) std::cout << "not seen: " << sentence << '\n';
  }
}
