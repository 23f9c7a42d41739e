#include "waybill/client/internal/sent_batch.h"

#include <cstdio>
#include <utility>

namespace waybill::internal {

SentBatch::SentBatch(const agent::EntryPoints* core, rd_kafka_t* client, std::string_view topic,
                     OnBatchDelivery on_delivery)
    : core_{core}, client_{client}, on_delivery_{std::move(on_delivery)} {
  if (core_ != nullptr) core_->begin_batch(client, topic.data(), topic.size(), batch_);
}

SentBatch::~SentBatch() {
  leave();
  if (core_ == nullptr) return;
  char description[512] = "";
  if (failed_ != 0)
    std::snprintf(description, sizeof description, "%zu of %u messages failed, the first: %s", failed_,
                  batch_.message_count, first_error_.message.c_str());
  core_->end_batch(client_, batch_, failed_ == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : first_error_.code,
                   description);
}

void SentBatch::leave() {
  if (core_ != nullptr) core_->leave_batch(batch_);
}

void SentBatch::refused(const KafkaError& error) { remember(error); }

void SentBatch::delivered(std::size_t place, const DeliveryReport& report) {
  if (report.error) remember(*report.error);
  if (on_delivery_) on_delivery_(place, report);
}

void SentBatch::remember(const KafkaError& error) {
  const std::scoped_lock lock{mutex_};
  if (failed_++ == 0) first_error_ = error;
}

}  // namespace waybill::internal
