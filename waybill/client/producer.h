#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/client/api.h"
#include "waybill/client/kafka_error.h"
#include "waybill/client/properties.h"

namespace waybill {

class Telemetry;

// A header of a message that is sent. No value: null.
struct Header {
  std::string_view name;
  std::optional<std::string_view> value;
};

// A message to send. Views are borrowed for the call.
struct OutgoingRecord {
  std::string_view topic;
  std::optional<std::string_view> value = {};  // none: a tombstone
  std::optional<std::string_view> key = {};
  std::vector<Header> headers = {};
  std::int32_t partition = RD_KAFKA_PARTITION_UA;  // the partitioner chooses
  std::int64_t timestamp_ms = 0;                   // 0: now
};

// What became of a message.
struct DeliveryReport {
  std::optional<KafkaError> error;  // none: the broker has it
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  rd_kafka_msg_status_t status = RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
};
using OnDelivery = std::function<void(const DeliveryReport&)>;
// The same for one message of a batch, by its place there.
using OnBatchDelivery = std::function<void(std::size_t place, const DeliveryReport&)>;

// A traced producer. Each message has one send span, from the call to the broker's answer; a message that
// librdkafka does not take (its queue is full, it is too large, the producer has a fatal error) has one that
// says so.
//
//   auto producer = waybill::Producer::create({{"bootstrap.servers", "localhost:9092"}});
//   if (!producer) return fail(producer.error());
//   producer->send({"orders", "2 apples"}, [](const waybill::DeliveryReport& report) { … });
//   producer->flush(std::chrono::seconds{10});
//
// Thread-safe, but for moves. Callbacks run on the thread that polls or flushes; an exception of one leaves
// that call, after librdkafka has returned from it.
class WAYBILL_API Producer {
 public:
  // Traced for `telemetry`, or, where none is chosen, as Telemetry says.
  static Expected<Producer> create(const Properties& properties);
  static Expected<Producer> create(const Telemetry& telemetry, const Properties& properties);
  // With everything that can be set on a configuration, but for its opaque pointer and its delivery callback,
  // which are the producer's own. Takes `conf`, whatever becomes of it.
  static Expected<Producer> create(rd_kafka_conf_t* conf);
  static Expected<Producer> create(const Telemetry& telemetry, rd_kafka_conf_t* conf);
  // Around a producer that was made from an instrumented configuration and outlives this one. Its delivery
  // callback stays the application's: with one of its own send() is an error here, and so is
  // send_with_future().
  static Producer wrap(rd_kafka_t* client);

  Producer(Producer&&) noexcept;
  Producer& operator=(Producer&&) noexcept;
  // What is not delivered by now is given up: flush() first.
  ~Producer();

  // Hands a message to librdkafka. `on_delivery` is called exactly once if this succeeds, and never if it
  // does not. An error: _QUEUE_FULL (poll, and try again), MSG_SIZE_TOO_LARGE, …
  KafkaResult<void> send(const OutgoingRecord& record, OnDelivery on_delivery = {});
  // Hands messages to librdkafka, one after the other; an error keeps none of the next from being sent. One
  // result for each, in their order. `on_delivery` is called once for each message that was taken. Each
  // message has a create span, until its answer; all together have one send span, until the last report (of a
  // producer that is wrapped, until the end of the call).
  std::vector<KafkaResult<void>> send_batch(const std::vector<OutgoingRecord>& records,
                                            OnBatchDelivery on_delivery = {});
  // The report comes while somebody polls or flushes.
  KafkaResult<std::future<DeliveryReport>> send_with_future(const OutgoingRecord& record);

  // Calls the callbacks of what was delivered, and waits so long for the first. Returns how many.
  int poll(std::chrono::milliseconds timeout);
  // Until every message has its report. An error: _TIMED_OUT.
  KafkaResult<void> flush(std::chrono::milliseconds timeout);
  // Gives up what waits in the queue, and what is on its way (RD_KAFKA_PURGE_F_…); the reports say so.
  KafkaResult<void> purge(int flags = RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);

  // librdkafka's own, for everything that is not here.
  rd_kafka_t* native_handle() const;

  // False: nothing of it is seen, because telemetry is off or its configuration was not instrumented.
  bool is_traced() const;

 private:
  friend class Transaction;
  struct State;
  // What a callback threw, if one did.
  static void rethrow(State& state);
  explicit Producer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A transaction of a producer with a transactional.id, on which rd_kafka_init_transactions() was called:
// aborted at the end of the scope unless it was committed. It is a span from its begin to its end; what the
// producer sends meanwhile is its child, unless it is sent within something that began later. The producer
// outlives it.
class WAYBILL_API Transaction {
 public:
  static KafkaResult<Transaction> begin(Producer& producer);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // Adds the offsets that the consumer has read up to (its position), so that they are committed with it.
  KafkaResult<void> send_offsets(rd_kafka_t* consumer, std::chrono::milliseconds timeout);
  // Waits for all deliveries. After an error that can be tried again it may be called again. An exception of
  // a delivery callback leaves it after librdkafka has returned: what became of the transaction then is what
  // it would have returned.
  KafkaResult<void> commit(std::chrono::milliseconds timeout);
  KafkaResult<void> abort(std::chrono::milliseconds timeout);

 private:
  Transaction(Producer& producer, std::uint64_t ticket);
  KafkaResult<void> abort_quietly(std::chrono::milliseconds timeout);
  void remember(const KafkaError& error);
  enum class End { kCommitted, kAborted, kUnknown };
  void end(End how);

  rd_kafka_t* client_;               // null: it has ended
  Producer::State* producer_;        // whose callbacks run meanwhile
  std::uint64_t ticket_;             // of the span; 0: none
  int exceptions_;                   // that were on their way when it began
  bool left_by_exception_ = false;   // and was not ended before
  std::optional<KafkaError> error_;  // the first that did not go away
};

}  // namespace waybill
