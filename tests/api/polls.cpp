// Polls that fail: api-polls SITUATION BROKERS TOPIC OUT. Prints what it saw.

#include "situations.h"

namespace {

void say(const waybill::KafkaError& error) { std::printf("%s\n", rd_kafka_err2name(error.code)); }

// Until a poll fails.
void poll(waybill::Consumer& consumer) {
  for (;;) {
    const auto polled = consumer.poll(1s);
    if (!polled) return say(polled.error());
  }
}

// In a group that has committed nothing, and without a place to begin.
waybill::Consumer lost_consumer(const Place& place) {
  auto consumer = waybill::Consumer::create(
      {{"bootstrap.servers", place.brokers}, {"group.id", own_name()}, {"auto.offset.reset", "error"}});
  require(consumer);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, place.topic.c_str(), 0);
  rd_kafka_assign(consumer->native_handle(), list);
  rd_kafka_topic_partition_list_destroy(list);
  return std::move(*consumer);
}

void no_offset(const Place& place) {
  waybill::Consumer consumer = lost_consumer(place);
  poll(consumer);
}

void no_offset_in_batch(const Place& place) {
  waybill::Consumer consumer = lost_consumer(place);
  for (;;) {
    const waybill::Batch batch = consumer.poll_batch(10, 1s);
    if (batch.error) return say(*batch.error);
  }
}

void unknown_topic(const Place& place) {
  waybill::Consumer consumer = consumer_of({place.brokers, place.topic + "-missing", {}},
                                           {{"topic.metadata.propagation.max.ms", "0"}});
  poll(consumer);
}

// It has no group, so there is nothing that it could poll.
void no_group(const Place& place) {
  auto consumer = waybill::Consumer::create({{"bootstrap.servers", place.brokers}});
  require(consumer);
  poll(*consumer);
}

}  // namespace

int main(int count, char** values) {
  const Situations situations{
      {"no_offset", no_offset},
      {"no_offset_in_batch", no_offset_in_batch},
      {"unknown_topic", unknown_topic},
      {"no_group", no_group},
  };
  return run_situation(situations, count, values);
}
