#include "waybill/lag/first_record.h"

#include <librdkafka/rdkafka.h>

#include <memory>
#include <utility>

#include "waybill/brokers/own_client.h"

namespace waybill::lag {
namespace {

struct DestroyMessage {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using Message = std::unique_ptr<rd_kafka_message_t, DestroyMessage>;

struct DestroyTopic {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};

Expected<brokers::Client> make_reader(const ClusterConfig& cluster, bool read_committed) {
  const brokers::Properties ours{{"bootstrap.servers", cluster.bootstrap_servers}, {"client.id", "waybill"}};
  const brokers::Properties promised{
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"enable.partition.eof", "true"},
      {"auto.offset.reset", "error"},
      {"queued.max.messages.kbytes", "1024"},
      {"fetch.message.max.bytes", "65536"},
      {"isolation.level", read_committed ? "read_committed" : "read_uncommitted"}};
  Expected<brokers::Conf> conf = brokers::make_conf(ours, cluster.properties, promised);
  if (!conf) return conf.error();
  return brokers::make_client(RD_KAFKA_CONSUMER, std::move(*conf));
}

}  // namespace

std::optional<std::int64_t> first_record_from(const ClusterConfig& cluster, const TopicPartition& at,
                                              std::int64_t offset, bool read_committed,
                                              std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const Expected<brokers::Client> client = make_reader(cluster, read_committed);
  if (!client) return std::nullopt;
  // The simple consumer: it needs no group.
  const std::unique_ptr<rd_kafka_topic_t, DestroyTopic> topic{
      rd_kafka_topic_new(client->get(), at.topic.c_str(), nullptr)};
  if (topic == nullptr || rd_kafka_consume_start(topic.get(), at.partition, offset) != 0) return std::nullopt;
  std::optional<std::int64_t> first;
  bool has_failed = false;
  while (!first && !has_failed && std::chrono::steady_clock::now() < deadline) {
    const Message message{rd_kafka_consume(topic.get(), at.partition, 100)};
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      first = message->offset;
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      first = kNoOffset;
    } else {
      has_failed = true;
    }
  }
  rd_kafka_consume_stop(topic.get(), at.partition);
  return first;
}

}  // namespace waybill::lag
