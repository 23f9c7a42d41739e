#include <exception>
#include <memory>
#include <utility>

#include "waybill/client/internal/configuration.h"
#include "waybill/client/internal/cores.h"
#include "waybill/client/internal/observed_commit.h"
#include "waybill/client/producer.h"
#include "waybill/kafka/application_calls.h"

namespace waybill {

using internal::result_of;

namespace {

constexpr int kTimeToAbortMs = 10'000;

struct DestroyGroup {
  void operator()(rd_kafka_consumer_group_metadata_t* group) const {
    rd_kafka_consumer_group_metadata_destroy(group);
  }
};
KafkaError has_ended() { return {RD_KAFKA_RESP_ERR__STATE, "this transaction has ended"}; }

}  // namespace

KafkaResult<Transaction> Transaction::begin(Producer& producer) {
  rd_kafka_t* client = producer.native_handle();
  const KafkaResult<void> begun = result_of(rd_kafka_begin_transaction(client));
  if (!begun) return begun.error();
  const agent::EntryPoints* core = internal::core_of(client);
  return Transaction{producer, core == nullptr ? 0 : core->begin_transaction(client)};
}

Transaction::Transaction(Producer& producer, std::uint64_t ticket)
    : client_{producer.native_handle()},
      producer_{producer.state_.get()},
      ticket_{ticket},
      exceptions_{std::uncaught_exceptions()} {}

Transaction::Transaction(Transaction&& other) noexcept
    : client_{std::exchange(other.client_, nullptr)},
      producer_{other.producer_},
      ticket_{std::exchange(other.ticket_, 0)},
      exceptions_{other.exceptions_},
      error_{std::move(other.error_)} {}

Transaction::~Transaction() {
  if (client_ == nullptr) return;
  left_by_exception_ = std::uncaught_exceptions() > exceptions_;
  const KafkaResult<void> aborted = abort_quietly(std::chrono::milliseconds{kTimeToAbortMs});
  if (client_ == nullptr) return;
  remember(aborted.error());
  end(End::kUnknown);
}

KafkaResult<void> Transaction::send_offsets(rd_kafka_t* consumer, std::chrono::milliseconds timeout) {
  if (client_ == nullptr) return has_ended();
  const internal::ObservedCommit observed;
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  const internal::PartitionList offsets = internal::positions_of(consumer, code);
  if (offsets == nullptr) return result_of(code);
  const std::unique_ptr<rd_kafka_consumer_group_metadata_t, DestroyGroup> group{
      rd_kafka_consumer_group_metadata(consumer)};
  KafkaResult<void> result = result_of(rd_kafka_send_offsets_to_transaction(
      client_, offsets.get(), group.get(), static_cast<int>(timeout.count())));
  observed.end(consumer, offsets.get(), result, client_);
  return result;
}

// After an error that needs an abort, or is fatal, the transaction goes on until somebody tries that.
KafkaResult<void> Transaction::commit(std::chrono::milliseconds timeout) {
  if (client_ == nullptr) return has_ended();
  rd_kafka_error_t* error = rd_kafka_commit_transaction(client_, static_cast<int>(timeout.count()));
  const bool may_be_repeated = error != nullptr && rd_kafka_error_is_retriable(error) != 0;
  KafkaResult<void> result = result_of(error);
  if (result) end(End::kCommitted);
  if (!result && !may_be_repeated) remember(result.error());
  Producer::rethrow(*producer_);
  return result;
}

KafkaResult<void> Transaction::abort(std::chrono::milliseconds timeout) {
  KafkaResult<void> result = abort_quietly(timeout);
  Producer::rethrow(*producer_);
  return result;
}

// What a callback throws waits for the next call that may throw: no exception leaves a destructor.
KafkaResult<void> Transaction::abort_quietly(std::chrono::milliseconds timeout) {
  if (client_ == nullptr) return has_ended();
  rd_kafka_error_t* error = rd_kafka_abort_transaction(client_, static_cast<int>(timeout.count()));
  const bool may_be_repeated = error != nullptr && rd_kafka_error_is_retriable(error) != 0;
  KafkaResult<void> result = result_of(error);
  if (!result && !may_be_repeated) remember(result.error());
  if (!may_be_repeated) end(result ? End::kAborted : End::kUnknown);
  return result;
}

void Transaction::remember(const KafkaError& error) {
  if (!error_) error_ = error;
}

void Transaction::end(End how) {
  rd_kafka_t* client = std::exchange(client_, nullptr);
  const agent::EntryPoints* core = internal::core_of(client);
  if (core == nullptr || ticket_ == 0) return;
  kafka::EndedTransaction ended{};
  using segment::Outcome;
  ended.outcome = how == End::kCommitted ? Outcome::kCommitted
                  : how == End::kAborted ? Outcome::kAborted
                                         : Outcome::kUnknown;
  if (error_ && how != End::kCommitted) {
    ended.error = error_->code;
    ended.description = error_->message.c_str();
  } else if (left_by_exception_) {
    ended.error_type = "_OTHER";
    ended.description = "an exception left the scope";
  }
  core->end_transaction(client, std::exchange(ticket_, 0), ended);
}

}  // namespace waybill
