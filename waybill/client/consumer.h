#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "waybill/client/api.h"
#include "waybill/client/kafka_error.h"
#include "waybill/client/properties.h"
#include "waybill/client/record.h"

namespace waybill {

class Telemetry;

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
};

// Told when partitions come and go; the assignment itself is done already, or not undone yet. Runs on the
// thread that polls.
struct RebalanceListener {
  std::function<void(const std::vector<TopicPartition>&)> assigned = {};
  std::function<void(const std::vector<TopicPartition>&)> revoked = {};
};

// What poll_batch() got.
struct WAYBILL_API Batch {
  std::vector<Record> records;
  std::optional<KafkaError> error;  // came among the records, or in place of them

  // The processing of them all as one, from now to the end of what this returns.
  ProcessScope process() const;
};

// A traced consumer of a group. A poll that gets something is a receive span; processing is a span of its own
// when the application says where it begins and ends:
//
//   auto consumer = waybill::Consumer::create({{"bootstrap.servers", "localhost:9092"}, {"group.id",
//   "billing"}}); consumer->subscribe({"orders"}); while (running) {
//     auto polled = consumer->poll(std::chrono::seconds{1});
//     if (!polled) complain(polled.error());
//     else if (*polled) waybill::process(**polled, [](waybill::Record& record) { bill(record.value()); });
//   }
//
// Thread-compatible: one thread polls. Records may be processed on others.
class WAYBILL_API Consumer {
 public:
  // Traced for `telemetry`, or, where none is chosen, as Telemetry says.
  static Expected<Consumer> create(const Properties& properties, RebalanceListener listener = {});
  static Expected<Consumer> create(const Telemetry& telemetry, const Properties& properties,
                                   RebalanceListener listener = {});
  // With everything that can be set on a configuration, but for its opaque pointer and its rebalance
  // callback, which are the consumer's own where there is a listener. Takes `conf`, whatever becomes of it.
  static Expected<Consumer> create(rd_kafka_conf_t* conf, RebalanceListener listener = {});
  static Expected<Consumer> create(const Telemetry& telemetry, rd_kafka_conf_t* conf,
                                   RebalanceListener listener = {});
  // Around a consumer that was made from an instrumented configuration and outlives this one.
  static Consumer wrap(rd_kafka_t* client);

  Consumer(Consumer&&) noexcept;
  Consumer& operator=(Consumer&&) noexcept;
  ~Consumer();  // leaves the group, as close() does

  KafkaResult<void> subscribe(const std::vector<std::string>& topics);

  // The next message, waiting so long for it; none: there was none. The end of a partition is none either.
  KafkaResult<std::optional<Record>> poll(std::chrono::milliseconds timeout);
  // Up to `most`, waiting so long for them.
  Batch poll_batch(std::size_t most, std::chrono::milliseconds timeout);

  // Everything that was polled, waiting for the answer; or up to and with this record.
  KafkaResult<void> commit();
  KafkaResult<void> commit(const Record& record);
  // For the next automatic commit; with enable.auto.offset.store=false.
  KafkaResult<void> store(const Record& record);

  KafkaResult<void> pause(const std::vector<TopicPartition>& partitions);
  KafkaResult<void> resume(const std::vector<TopicPartition>& partitions);
  KafkaResult<void> seek(const TopicPartition& partition, std::int64_t offset,
                         std::chrono::milliseconds timeout);
  std::vector<TopicPartition> assignment() const;

  // Leaves the group. What was polled stays, and is not committed any more.
  KafkaResult<void> close();

  rd_kafka_t* native_handle() const;

  // False: nothing of it is seen, because telemetry is off or its configuration was not instrumented.
  bool is_traced() const;

 private:
  struct State;
  explicit Consumer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace waybill
