#pragma once

#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <memory>
#include <string>

#include "waybill/brokers/own_client.h"
#include "waybill/lag/internal/handle.h"

namespace waybill::lag::testing {

// librdkafka's mock cluster, with ten messages in partition 0 of "orders".
class MockCluster {
 public:
  MockCluster() {
    std::array<char, 512> text{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", text.data(), text.size());
    client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, text.data(), text.size()));
    rd_kafka_mock_topic_create(mock(), "orders", 1, 1);
    const internal::Topic topic{rd_kafka_topic_new(client_.get(), "orders", nullptr)};
    for (int i = 0; i < 10; ++i)
      rd_kafka_produce(topic.get(), 0, RD_KAFKA_MSG_F_COPY, text.data(), 5, nullptr, 0, nullptr);
    rd_kafka_flush(client_.get(), 30'000);
  }

  std::string address() const { return rd_kafka_mock_cluster_bootstraps(mock()); }
  void take_down() { rd_kafka_mock_broker_set_down(mock(), 1); }

 private:
  rd_kafka_mock_cluster_t* mock() const { return rd_kafka_handle_mock_cluster(client_.get()); }
  brokers::Client client_;
};

}  // namespace waybill::lag::testing
