#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "waybill/brokers/own_client.h"
#include "waybill/configure/settings.h"
#include "waybill/exporters/transport.h"

namespace waybill::exporters {

// Sends each body as one message to one topic, and waits for librdkafka's report about it. All replicas have
// it then, once and not twice (acks=all, idempotent); librdkafka tries again by itself until the deadline.
// Connects with the first send. Owned by one thread; only stop() may come from another.
class KafkaTransport final : public Transport {
 public:
  KafkaTransport(const configure::KafkaSettings& settings, std::string topic);
  ~KafkaTransport() override;
  KafkaTransport(const KafkaTransport&) = delete;
  KafkaTransport& operator=(const KafkaTransport&) = delete;

  const std::string& name() const override { return name_; }
  std::size_t most_bytes() const override { return most_bytes_; }
  Delivery send(std::string_view body, Deadline deadline) override;
  void stop() override { stopped_ = true; }

 private:
  // What became of the message that is on its way.
  struct Report {
    std::optional<rd_kafka_resp_err_t> error;  // none: not known yet
  };

  static void on_report(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);
  static void on_error(rd_kafka_t* client, int error, const char* text, void* opaque);

  std::optional<Error> connect();
  Delivery produce(std::string_view body, Deadline deadline);
  Delivery wait_for(Report& report, Deadline deadline);
  Delivery judge(rd_kafka_resp_err_t error) const;
  void forget_broken_client();

  const std::string topic_;
  std::string name_;
  std::size_t most_bytes_;
  Expected<brokers::Conf> conf_;
  brokers::Client client_;
  std::string last_trouble_;  // with the connection, in librdkafka's words
  std::atomic<bool> stopped_{false};
};

}  // namespace waybill::exporters
