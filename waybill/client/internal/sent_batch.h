#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <mutex>
#include <string_view>

#include "waybill/agent/entry_points.h"
#include "waybill/client/producer.h"
#include "waybill/observe/send_batch.h"

namespace waybill::internal {

// What Producer::send_batch() sends, from the call until the last report: shared by the reports that are
// still to come, and its span ends with the last of them. Thread-safe.
class SentBatch {
 public:
  // `core`: of the client; null: it is not traced. `topic`: of all messages; empty: they are of several.
  SentBatch(const agent::EntryPoints* core, rd_kafka_t* client, std::string_view topic,
            OnBatchDelivery on_delivery);
  ~SentBatch();
  SentBatch(const SentBatch&) = delete;
  SentBatch& operator=(const SentBatch&) = delete;

  // The call is over: what this thread sends from here on is not part of it.
  void leave();

  // librdkafka did not take a message.
  void refused(const KafkaError& error);
  // What became of the message at `place`.
  void delivered(std::size_t place, const DeliveryReport& report);

 private:
  void remember(const KafkaError& error);

  const agent::EntryPoints* core_;
  rd_kafka_t* client_;
  OnBatchDelivery on_delivery_;
  observe::SendBatch batch_;
  std::mutex mutex_;
  std::size_t failed_ = 0;  // how many messages, as all that follows guarded by mutex_
  KafkaError first_error_{};
};

}  // namespace waybill::internal
