#include "waybill/kafka/partition_watch.h"

#include <cstring>

namespace waybill::kafka {
namespace {

constexpr rd_kafka_resp_err_t kOk = RD_KAFKA_RESP_ERR_NO_ERROR;
constexpr std::size_t kMaxTopicName = 250;  // Kafka's limit is 249

// librdkafka wants names that end with a zero byte. Empty: the name is not known or is none of Kafka's.
struct TopicName {
  char text[kMaxTopicName] = {};

  explicit TopicName(std::string_view name) {
    if (name.size() < sizeof text) std::memcpy(text, name.data(), name.size());
  }
};

// rd_kafka_position says "invalid" for a partition that is not assigned, and for one from which nothing was
// handed over since it was.
observe::PartitionFacts facts_of(const Api& api, rd_kafka_t* handle, const char* topic,
                                 std::int32_t partition, bool has_all) {
  observe::PartitionFacts facts;
  facts.has_all = has_all;
  rd_kafka_topic_partition_list_t* one = api.topic_partition_list_new(1);
  rd_kafka_topic_partition_t* asked = api.topic_partition_list_add(one, topic, partition);
  if (api.position(handle, one) == kOk && asked->err == kOk && asked->offset >= 0)
    facts.position = asked->offset;
  api.topic_partition_list_destroy(one);
  std::int64_t low = -1;
  std::int64_t high = -1;
  if (facts.position >= 0 && api.get_watermark_offsets(handle, topic, partition, &low, &high) == kOk)
    facts.log_end = high;
  return facts;
}

bool can_ask(const Api& api) {
  return api.position != nullptr && api.get_watermark_offsets != nullptr &&
         api.topic_partition_list_new != nullptr && api.topic_partition_list_add != nullptr &&
         api.topic_partition_list_destroy != nullptr;
}

}  // namespace

void look_at_partitions(const Api& api, rd_kafka_t* handle, observe::Room& room, observe::Client& client) {
  if (!can_ask(api) || !room.partitions_are_due(client)) return;
  const bool has_all = !room.got_message_since_look(client);
  room.for_each_partition(client, [&](std::string_view topic, segment::PartitionCell& cell) {
    const TopicName name{topic};
    if (name.text[0] != '\0')
      room.learn_partition(cell, facts_of(api, handle, name.text, cell.partition, has_all));
  });
}

}  // namespace waybill::kafka
