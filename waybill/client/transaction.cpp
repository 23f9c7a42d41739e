#include <memory>

#include "waybill/client/internal/configuration.h"
#include "waybill/client/producer.h"

namespace waybill {

using internal::result_of;

namespace {

constexpr int kTimeToAbortMs = 10'000;

struct DestroyGroup {
  void operator()(rd_kafka_consumer_group_metadata_t* group) const {
    rd_kafka_consumer_group_metadata_destroy(group);
  }
};
struct DestroyList {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};

KafkaError has_ended() { return {RD_KAFKA_RESP_ERR__STATE, "this transaction has ended"}; }

}  // namespace

KafkaResult<Transaction> Transaction::begin(Producer& producer) {
  const KafkaResult<void> begun = result_of(rd_kafka_begin_transaction(producer.native_handle()));
  if (!begun) return begun.error();
  return Transaction{producer.native_handle()};
}

Transaction::~Transaction() {
  if (client_ != nullptr) (void)abort(std::chrono::milliseconds{kTimeToAbortMs});
}

KafkaResult<void> Transaction::send_offsets(rd_kafka_t* consumer, std::chrono::milliseconds timeout) {
  if (client_ == nullptr) return has_ended();
  rd_kafka_topic_partition_list_t* assigned = nullptr;
  const rd_kafka_resp_err_t code = rd_kafka_assignment(consumer, &assigned);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return result_of(code);
  const std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyList> offsets{assigned};
  const rd_kafka_resp_err_t known = rd_kafka_position(consumer, offsets.get());
  if (known != RD_KAFKA_RESP_ERR_NO_ERROR) return result_of(known);
  const std::unique_ptr<rd_kafka_consumer_group_metadata_t, DestroyGroup> group{
      rd_kafka_consumer_group_metadata(consumer)};
  return result_of(rd_kafka_send_offsets_to_transaction(client_, offsets.get(), group.get(),
                                                        static_cast<int>(timeout.count())));
}

KafkaResult<void> Transaction::commit(std::chrono::milliseconds timeout) {
  if (client_ == nullptr) return has_ended();
  KafkaResult<void> result =
      result_of(rd_kafka_commit_transaction(client_, static_cast<int>(timeout.count())));
  if (result) client_ = nullptr;
  return result;
}

KafkaResult<void> Transaction::abort(std::chrono::milliseconds timeout) {
  if (client_ == nullptr) return has_ended();
  rd_kafka_error_t* error = rd_kafka_abort_transaction(client_, static_cast<int>(timeout.count()));
  const bool may_be_repeated = error != nullptr && rd_kafka_error_is_retriable(error) != 0;
  if (!may_be_repeated) client_ = nullptr;
  return result_of(error);
}

}  // namespace waybill
