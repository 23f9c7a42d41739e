#include "waybill/client/internal/observed_commit.h"

#include "waybill/base/clock.h"
#include "waybill/client/internal/cores.h"
#include "waybill/kafka/application_calls.h"

namespace waybill::internal {
namespace {

void tell(rd_kafka_t* consumer, rd_kafka_t* producer, const KafkaResult<void>& result,
          kafka::Settled settled) {
  // That of the consumer knows what was processed.
  const agent::EntryPoints* core = observer_of(consumer);
  if (core == nullptr && producer != nullptr) core = observer_of(producer);
  if (core == nullptr || (!result && result.error().code == RD_KAFKA_RESP_ERR__NO_OFFSET)) return;
  if (!result) {
    settled.error = result.error().code;
    settled.description = result.error().message.c_str();
  }
  core->settled(consumer, producer, settled);
}

}  // namespace

PartitionList positions_of(rd_kafka_t* consumer, rd_kafka_resp_err_t& code) {
  rd_kafka_topic_partition_list_t* assigned = nullptr;
  code = rd_kafka_assignment(consumer, &assigned);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return nullptr;
  PartitionList positions{assigned};
  code = rd_kafka_position(consumer, positions.get());
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? std::move(positions) : nullptr;
}

ObservedCommit::ObservedCommit() : start_ns_{base::monotonic_ns()} {}

void ObservedCommit::end(rd_kafka_t* consumer, const rd_kafka_topic_partition_list_t* offsets,
                         const KafkaResult<void>& result, rd_kafka_t* producer) const {
  tell(consumer, producer, result, {.start_ns = start_ns_, .offsets = offsets});
}

void ObservedCommit::end_of_record(rd_kafka_t* consumer, const rd_kafka_topic_partition_list_t* offsets,
                                   const KafkaResult<void>& result) const {
  tell(consumer, nullptr, result, {.start_ns = start_ns_, .offsets = offsets, .is_record = true});
}

}  // namespace waybill::internal
