#include "waybill/client/consumer.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "waybill/client/internal/configuration.h"
#include "waybill/client/internal/cores.h"
#include "waybill/client/internal/observed_commit.h"
#include "waybill/client/internal/telemetry_state.h"

namespace waybill {

using internal::Configuration;
using internal::result_of;

namespace {

using List = internal::PartitionList;

struct DestroyQueue {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
using Queue = std::unique_ptr<rd_kafka_queue_t, DestroyQueue>;

List list_of(const std::vector<TopicPartition>& partitions) {
  List list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const TopicPartition& one : partitions)
    rd_kafka_topic_partition_list_add(list.get(), one.topic.c_str(), one.partition);
  return list;
}

std::vector<TopicPartition> partitions_of(const rd_kafka_topic_partition_list_t& list) {
  std::vector<TopicPartition> partitions;
  partitions.reserve(static_cast<std::size_t>(list.cnt));
  for (int at = 0; at < list.cnt; ++at)
    partitions.push_back({list.elems[at].topic, list.elems[at].partition});
  return partitions;
}

List next_offset_of(const Record& record) {
  List list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), std::string{record.topic()}.c_str(), record.partition())
      ->offset = record.offset() + 1;
  return list;
}

// The error of the one partition, where the call as a whole went well.
KafkaResult<void> result_of_only(rd_kafka_resp_err_t code, const List& list) {
  return result_of(code == RD_KAFKA_RESP_ERR_NO_ERROR && list->cnt > 0 ? list->elems[0].err : code);
}

int milliseconds(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

// The end of a partition is neither a message nor a failure.
bool is_failure(const rd_kafka_message_t& message) {
  return message.err != RD_KAFKA_RESP_ERR_NO_ERROR && message.err != RD_KAFKA_RESP_ERR__PARTITION_EOF;
}

// A poll as the host side sees it: from the constructor to end().
class ObservedPoll {
 public:
  ObservedPoll(const agent::EntryPoints* core, rd_kafka_t* client, observe::PollMode mode)
      : core_{core}, client_{client} {
    if (core_ != nullptr) core_->begin_poll(client, mode);
  }
  // `failed`: what it got that is no message; null: nothing of the kind.
  void end(bool returned_message, const rd_kafka_message_t* failed) {
    if (core_ == nullptr) return;
    if (failed != nullptr) core_->poll_failed(client_, failed);
    core_->end_poll(returned_message);
    core_->client_called(client_);
  }

 private:
  const agent::EntryPoints* core_;
  rd_kafka_t* client_;
};

}  // namespace

struct Consumer::State {
  std::shared_ptr<rd_kafka_t> client;  // shared with the records, which librdkafka's destruction waits for
  const agent::EntryPoints* core = nullptr;  // null: none could be loaded
  bool is_owner = false;
  RebalanceListener listener;
  std::exception_ptr thrown;  // by a listener, on the thread that polls
  List stored;                // what store() was told; null: nothing yet

  ~State() {
    if (is_owner) rd_kafka_consumer_close(client.get());
  }

  // `chosen`: who shall trace it; null: the default.
  static Expected<std::unique_ptr<State>> make(const agent::EntryPoints* chosen, Configuration conf,
                                               RebalanceListener listener);

  static void rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                        rd_kafka_topic_partition_list_t* partitions, void* opaque);

  // Called by librdkafka, through which no exception may pass.
  void tell(const std::function<void(const std::vector<TopicPartition>&)>& listen,
            const rd_kafka_topic_partition_list_t& partitions) {
    if (!listen) return;
    try {
      listen(partitions_of(partitions));
    } catch (...) {
      if (thrown == nullptr) thrown = std::current_exception();
    }
  }
  void remember_stored(const rd_kafka_topic_partition_t& one) {
    if (stored == nullptr) stored.reset(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_t* known =
        rd_kafka_topic_partition_list_find(stored.get(), one.topic, one.partition);
    if (known == nullptr) known = rd_kafka_topic_partition_list_add(stored.get(), one.topic, one.partition);
    known->offset = one.offset;
  }
  // A commit settles only what is still the consumer's.
  void forget_revoked() {
    rd_kafka_topic_partition_list_t* assigned = nullptr;
    if (rd_kafka_assignment(client.get(), &assigned) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    const List held{assigned};
    for (int at = stored->cnt - 1; at >= 0; --at) {
      const rd_kafka_topic_partition_t& one = stored->elems[at];
      if (rd_kafka_topic_partition_list_find(held.get(), one.topic, one.partition) == nullptr)
        rd_kafka_topic_partition_list_del_by_idx(stored.get(), at);
    }
  }
  void rethrow() {
    if (std::exception_ptr pending = std::exchange(thrown, nullptr)) std::rethrow_exception(pending);
  }
};

void Consumer::State::rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                                rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  auto* state = static_cast<State*>(opaque);
  const char* protocol = rd_kafka_rebalance_protocol(client);
  const bool is_cooperative = protocol != nullptr && std::string_view{protocol} == "COOPERATIVE";
  if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    if (is_cooperative)
      (void)result_of(rd_kafka_incremental_assign(client, partitions));
    else
      rd_kafka_assign(client, partitions);
    state->tell(state->listener.assigned, *partitions);
    return;
  }
  state->tell(state->listener.revoked, *partitions);
  if (is_cooperative)
    (void)result_of(rd_kafka_incremental_unassign(client, partitions));
  else
    rd_kafka_assign(client, nullptr);
}

ProcessScope Batch::process() const {
  std::vector<rd_kafka_message_t*> messages;
  messages.reserve(records.size());
  for (const Record& record : records) messages.push_back(record.native_handle());
  return {records.empty() ? nullptr : records.front().client(), messages.data(), messages.size()};
}

Expected<std::unique_ptr<Consumer::State>> Consumer::State::make(const agent::EntryPoints* chosen,
                                                                 Configuration conf,
                                                                 RebalanceListener listener) {
  auto state = std::make_unique<State>();
  state->listener = std::move(listener);
  if (state->listener.assigned || state->listener.revoked) {
    rd_kafka_conf_set_opaque(conf.get(), state.get());
    rd_kafka_conf_set_rebalance_cb(conf.get(), State::rebalance);
  }
  const Expected<rd_kafka_t*> client = internal::make_client(RD_KAFKA_CONSUMER, std::move(conf), chosen);
  if (!client) return client.error();
  state->client = {*client, rd_kafka_destroy};
  state->core = internal::core_of(*client);
  state->is_owner = true;
  rd_kafka_poll_set_consumer(*client);
  return state;
}

Expected<Consumer> Consumer::create(const Properties& properties, RebalanceListener listener) {
  Expected<Configuration> conf = internal::make_configuration(properties);
  if (!conf) return conf.error();
  return create(conf->release(), std::move(listener));
}

Expected<Consumer> Consumer::create(const Telemetry& telemetry, const Properties& properties,
                                    RebalanceListener listener) {
  Expected<Configuration> conf = internal::make_configuration(properties);
  if (!conf) return conf.error();
  return create(telemetry, conf->release(), std::move(listener));
}

Expected<Consumer> Consumer::create(rd_kafka_conf_t* conf, RebalanceListener listener) {
  Expected<std::unique_ptr<State>> state = State::make(nullptr, Configuration{conf}, std::move(listener));
  if (!state) return state.error();
  return Consumer{std::move(*state)};
}

Expected<Consumer> Consumer::create(const Telemetry& telemetry, rd_kafka_conf_t* conf,
                                    RebalanceListener listener) {
  Expected<std::unique_ptr<State>> state =
      State::make(&internal::core_of(telemetry), Configuration{conf}, std::move(listener));
  if (!state) return state.error();
  return Consumer{std::move(*state)};
}

Consumer Consumer::wrap(rd_kafka_t* client) {
  auto state = std::make_unique<State>();
  state->client = {client, [](rd_kafka_t*) {}};
  state->core = internal::core_of(client);
  return Consumer{std::move(state)};
}

Consumer::Consumer(std::unique_ptr<State> state) : state_{std::move(state)} {}
Consumer::Consumer(Consumer&&) noexcept = default;
Consumer& Consumer::operator=(Consumer&&) noexcept = default;
Consumer::~Consumer() = default;

KafkaResult<void> Consumer::subscribe(const std::vector<std::string>& topics) {
  const List list{rd_kafka_topic_partition_list_new(static_cast<int>(topics.size()))};
  for (const std::string& topic : topics)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  return result_of(rd_kafka_subscribe(state_->client.get(), list.get()));
}

KafkaResult<std::optional<Record>> Consumer::poll(std::chrono::milliseconds timeout) {
  ObservedPoll observed{state_->core, state_->client.get(), observe::PollMode::kOne};
  rd_kafka_message_t* message = rd_kafka_consumer_poll(state_->client.get(), milliseconds(timeout));
  const bool has_failed = message != nullptr && is_failure(*message);
  observed.end(message != nullptr, has_failed ? message : nullptr);
  std::optional<Record> record;
  if (message != nullptr) record.emplace(state_->client, message);
  if (!record) state_->rethrow();  // what was got is not lost for it: the next poll throws
  if (!record || message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  if (!has_failed) return std::optional<Record>{};
  return KafkaError{message->err, rd_kafka_message_errstr(message)};
}

Batch Consumer::poll_batch(std::size_t most, std::chrono::milliseconds timeout) {
  Batch batch;
  std::vector<rd_kafka_message_t*> messages(most);
  const Queue queue{rd_kafka_queue_get_consumer(state_->client.get())};
  if (queue == nullptr) {
    batch.error = KafkaError{RD_KAFKA_RESP_ERR__STATE, "the consumer is closed"};
    return batch;
  }
  ObservedPoll observed{state_->core, state_->client.get(), observe::PollMode::kBatch};
  const ssize_t got = rd_kafka_consume_batch_queue(queue.get(), milliseconds(timeout), messages.data(), most);
  messages.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  const auto failed = std::find_if(messages.rbegin(), messages.rend(),
                                   [](const rd_kafka_message_t* message) { return is_failure(*message); });
  observed.end(got > 0, failed == messages.rend() ? nullptr : *failed);
  for (rd_kafka_message_t* message : messages) {
    Record record{state_->client, message};
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      batch.records.push_back(std::move(record));
    else if (is_failure(*message))
      batch.error = KafkaError{message->err, rd_kafka_message_errstr(message)};
  }
  if (batch.records.empty()) state_->rethrow();  // as above
  if (got < 0) batch.error = KafkaError{rd_kafka_last_error(), rd_kafka_err2str(rd_kafka_last_error())};
  return batch;
}

// Where it was told what to store, that is committed; else everything that was polled.
KafkaResult<void> Consumer::commit() {
  const internal::ObservedCommit observed;
  rd_kafka_t* client = state_->client.get();
  rd_kafka_resp_err_t ignored = RD_KAFKA_RESP_ERR_NO_ERROR;
  const List positions =
      state_->stored == nullptr && is_traced() ? internal::positions_of(client, ignored) : nullptr;
  KafkaResult<void> result = result_of(rd_kafka_commit(client, nullptr, 0));
  if (result && state_->stored != nullptr) state_->forget_revoked();
  observed.end(client, state_->stored != nullptr ? state_->stored.get() : positions.get(), result);
  return result;
}

KafkaResult<void> Consumer::commit(const Record& record) {
  const internal::ObservedCommit observed;
  rd_kafka_t* client = state_->client.get();
  const List list = next_offset_of(record);
  KafkaResult<void> result = result_of_only(rd_kafka_commit(client, list.get(), 0), list);
  observed.end_of_record(client, list.get(), result);
  return result;
}

KafkaResult<void> Consumer::store(const Record& record) {
  const List list = next_offset_of(record);
  KafkaResult<void> result = result_of_only(rd_kafka_offsets_store(state_->client.get(), list.get()), list);
  if (result) state_->remember_stored(list->elems[0]);
  return result;
}

KafkaResult<void> Consumer::pause(const std::vector<TopicPartition>& partitions) {
  const List list = list_of(partitions);
  return result_of_only(rd_kafka_pause_partitions(state_->client.get(), list.get()), list);
}

KafkaResult<void> Consumer::resume(const std::vector<TopicPartition>& partitions) {
  const List list = list_of(partitions);
  return result_of_only(rd_kafka_resume_partitions(state_->client.get(), list.get()), list);
}

KafkaResult<void> Consumer::seek(const TopicPartition& partition, std::int64_t offset,
                                 std::chrono::milliseconds timeout) {
  const List list = list_of({partition});
  list->elems[0].offset = offset;
  if (KafkaResult<void> failed =
          result_of(rd_kafka_seek_partitions(state_->client.get(), list.get(), milliseconds(timeout)));
      !failed)
    return failed;
  return result_of(list->elems[0].err);
}

std::vector<TopicPartition> Consumer::assignment() const {
  rd_kafka_topic_partition_list_t* assigned = nullptr;
  if (rd_kafka_assignment(state_->client.get(), &assigned) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return partitions_of(*List{assigned});
}

KafkaResult<void> Consumer::close() {
  if (state_->core != nullptr) state_->core->client_closing(state_->client.get());
  const rd_kafka_resp_err_t code = rd_kafka_consumer_close(state_->client.get());
  state_->rethrow();
  return result_of(code);
}

rd_kafka_t* Consumer::native_handle() const { return state_->client.get(); }

bool Consumer::is_traced() const {
  return state_->core != nullptr && state_->core->is_observed(state_->client.get());
}

}  // namespace waybill
