#include "waybill/client/producer.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <utility>

#include "waybill/client/internal/configuration.h"
#include "waybill/client/internal/cores.h"
#include "waybill/client/internal/sent_batch.h"
#include "waybill/client/internal/telemetry_state.h"
#include "waybill/kafka/application_calls.h"

namespace waybill {

using internal::Configuration;
using internal::result_of;

namespace {

constexpr std::chrono::milliseconds kTimeToGiveUp{2000};  // when purged messages are reported at the latest

struct DestroyHeaders {
  void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
};
using Headers = std::unique_ptr<rd_kafka_headers_t, DestroyHeaders>;

// librdkafka takes a null pointer for a null value, though the size is 0.
const char* pointer_to(std::string_view bytes) { return bytes.data() != nullptr ? bytes.data() : ""; }

Headers headers_of(const OutgoingRecord& record) {
  if (record.headers.empty()) return nullptr;
  Headers headers{rd_kafka_headers_new(record.headers.size())};
  for (const Header& header : record.headers) {
    rd_kafka_header_add(headers.get(), header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value ? pointer_to(*header.value) : nullptr,
                        header.value ? static_cast<ssize_t>(header.value->size()) : 0);
  }
  return headers;
}

int milliseconds(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

// One argument of rd_kafka_produceva.
class Arguments {
 public:
  rd_kafka_vu_t& add(rd_kafka_vtype_t type) {
    list_[count_].vtype = type;
    return list_[count_++];
  }
  void add(rd_kafka_vtype_t type, const std::optional<std::string_view>& bytes) {
    if (!bytes) return;
    rd_kafka_vu_t& argument = add(type);
    argument.u.mem.ptr = const_cast<char*>(pointer_to(*bytes));
    argument.u.mem.size = bytes->size();
  }
  const rd_kafka_vu_t* list() const { return list_; }
  std::size_t count() const { return count_; }

 private:
  rd_kafka_vu_t list_[8] = {};
  std::size_t count_ = 0;
};

KafkaError reports_go_elsewhere() {
  return {RD_KAFKA_RESP_ERR__INVALID_ARG,
          "the delivery reports of a producer that is wrapped go to its own callback"};
}

// Empty: they are of several.
std::string_view common_topic(const std::vector<OutgoingRecord>& records) {
  if (records.empty()) return {};
  const std::string_view first = records.front().topic;
  const bool is_common = std::all_of(records.begin(), records.end(),
                                     [&](const OutgoingRecord& one) { return one.topic == first; });
  return is_common ? first : std::string_view{};
}

// What is sent while it lives is part of the batch.
class BatchCall {
 public:
  explicit BatchCall(internal::SentBatch& batch) : batch_{batch} {}
  ~BatchCall() { batch_.leave(); }
  BatchCall(const BatchCall&) = delete;
  BatchCall& operator=(const BatchCall&) = delete;

 private:
  internal::SentBatch& batch_;
};

}  // namespace

struct Producer::State {
  rd_kafka_t* client = nullptr;
  const agent::EntryPoints* core = nullptr;  // null: none could be loaded
  bool is_owner = false;
  std::mutex mutex;
  std::exception_ptr thrown;  // by a callback; guarded by mutex

  ~State() {
    if (client == nullptr || !is_owner) return;
    // Each message gets its report, so that its callback is called, and freed.
    rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(client, milliseconds(kTimeToGiveUp));
    rd_kafka_destroy(client);
  }

  // `chosen`: who shall trace it; null: the default.
  static Expected<std::unique_ptr<State>> make(const agent::EntryPoints* chosen, Configuration conf);

  static void report(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);

  void rethrow() {
    std::exception_ptr pending;
    {
      const std::scoped_lock lock{mutex};
      pending = std::exchange(thrown, nullptr);
    }
    if (pending != nullptr) std::rethrow_exception(pending);
  }
};

// Called by librdkafka, through which no exception may pass.
void Producer::State::report(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto* state = static_cast<State*>(opaque);
  const std::unique_ptr<OnDelivery> on_delivery{static_cast<OnDelivery*>(message->_private)};
  if (on_delivery == nullptr || !*on_delivery) return;
  DeliveryReport report{{}, message->partition, message->offset, rd_kafka_message_status(message)};
  if (const KafkaResult<void> result = result_of(message->err); !result) report.error = result.error();
  try {
    (*on_delivery)(report);
  } catch (...) {
    const std::scoped_lock lock{state->mutex};
    if (state->thrown == nullptr) state->thrown = std::current_exception();
  }
}

Expected<std::unique_ptr<Producer::State>> Producer::State::make(const agent::EntryPoints* chosen,
                                                                 Configuration conf) {
  auto state = std::make_unique<State>();
  rd_kafka_conf_set_opaque(conf.get(), state.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), State::report);
  // Every message has a report, so that its callback is called, and freed.
  char ignored[1];
  rd_kafka_conf_set(conf.get(), "delivery.report.only.error", "false", ignored, sizeof ignored);
  rd_kafka_conf_set_events(conf.get(), 0);
  const Expected<rd_kafka_t*> client = internal::make_client(RD_KAFKA_PRODUCER, std::move(conf), chosen);
  if (!client) return client.error();
  state->client = *client;
  state->core = internal::core_of(*client);
  state->is_owner = true;
  return state;
}

Expected<Producer> Producer::create(const Properties& properties) {
  Expected<Configuration> conf = internal::make_configuration(properties);
  if (!conf) return conf.error();
  return create(conf->release());
}

Expected<Producer> Producer::create(const Telemetry& telemetry, const Properties& properties) {
  Expected<Configuration> conf = internal::make_configuration(properties);
  if (!conf) return conf.error();
  return create(telemetry, conf->release());
}

Expected<Producer> Producer::create(rd_kafka_conf_t* conf) {
  Expected<std::unique_ptr<State>> state = State::make(nullptr, Configuration{conf});
  if (!state) return state.error();
  return Producer{std::move(*state)};
}

Expected<Producer> Producer::create(const Telemetry& telemetry, rd_kafka_conf_t* conf) {
  Expected<std::unique_ptr<State>> state = State::make(&internal::core_of(telemetry), Configuration{conf});
  if (!state) return state.error();
  return Producer{std::move(*state)};
}

Producer Producer::wrap(rd_kafka_t* client) {
  auto state = std::make_unique<State>();
  state->client = client;
  state->core = internal::core_of(client);
  return Producer{std::move(state)};
}

Producer::Producer(std::unique_ptr<State> state) : state_{std::move(state)} {}
Producer::Producer(Producer&&) noexcept = default;
Producer& Producer::operator=(Producer&&) noexcept = default;
Producer::~Producer() = default;

KafkaResult<void> Producer::send(const OutgoingRecord& record, OnDelivery on_delivery) {
  if (on_delivery && !state_->is_owner) return reports_go_elsewhere();
  Headers headers = headers_of(record);
  auto pending = on_delivery ? std::make_unique<OnDelivery>(std::move(on_delivery)) : nullptr;
  const std::string topic{record.topic};
  Arguments arguments;
  arguments.add(RD_KAFKA_VTYPE_TOPIC).u.cstr = topic.c_str();
  arguments.add(RD_KAFKA_VTYPE_PARTITION).u.i32 = record.partition;
  arguments.add(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
  arguments.add(RD_KAFKA_VTYPE_TIMESTAMP).u.i64 = record.timestamp_ms;
  arguments.add(RD_KAFKA_VTYPE_OPAQUE).u.ptr = pending.get();
  arguments.add(RD_KAFKA_VTYPE_VALUE, record.value);
  arguments.add(RD_KAFKA_VTYPE_KEY, record.key);
  if (headers != nullptr) arguments.add(RD_KAFKA_VTYPE_HEADERS).u.headers = headers.get();

  const agent::EntryPoints* core = state_->core;
  const std::uint32_t hooks = core == nullptr ? 0 : core->hooks_run();
  rd_kafka_error_t* error = rd_kafka_produceva(state_->client, arguments.list(), arguments.count());
  if (error == nullptr) {
    (void)headers.release();  // librdkafka's now, as the callback is until its report
    (void)pending.release();
    return {};
  }
  // What interceptors were told of has its span already.
  if (core != nullptr && core->hooks_run() == hooks) {
    core->send_refused(state_->client, {.topic = record.topic,
                                        .key = record.key ? record.key->data() : nullptr,
                                        .key_size = record.key ? record.key->size() : 0,
                                        .body = record.value ? pointer_to(*record.value) : nullptr,
                                        .body_size = record.value ? record.value->size() : 0,
                                        .headers = headers.get(),
                                        .partition = record.partition,
                                        .error = rd_kafka_error_code(error)});
  }
  return result_of(error);
}

std::vector<KafkaResult<void>> Producer::send_batch(const std::vector<OutgoingRecord>& records,
                                                    OnBatchDelivery on_delivery) {
  std::vector<KafkaResult<void>> results;
  results.reserve(records.size());
  if (on_delivery && !state_->is_owner) {
    results.assign(records.size(), reports_go_elsewhere());
    return results;
  }
  const auto batch = std::make_shared<internal::SentBatch>(state_->core, state_->client,
                                                           common_topic(records), std::move(on_delivery));
  const BatchCall call{*batch};
  for (std::size_t place = 0; place < records.size(); ++place) {
    OnDelivery on_one;
    if (state_->is_owner)
      on_one = [batch, place](const DeliveryReport& report) { batch->delivered(place, report); };
    results.push_back(send(records[place], std::move(on_one)));
    if (!results.back()) batch->refused(results.back().error());
  }
  return results;
}

KafkaResult<std::future<DeliveryReport>> Producer::send_with_future(const OutgoingRecord& record) {
  auto promise = std::make_shared<std::promise<DeliveryReport>>();
  std::future<DeliveryReport> future = promise->get_future();
  const KafkaResult<void> sent =
      send(record, [promise](const DeliveryReport& report) { promise->set_value(report); });
  if (!sent) return sent.error();
  return future;
}

int Producer::poll(std::chrono::milliseconds timeout) {
  const int served = rd_kafka_poll(state_->client, milliseconds(timeout));
  if (state_->core != nullptr) state_->core->client_called(state_->client);
  state_->rethrow();
  return served;
}

KafkaResult<void> Producer::flush(std::chrono::milliseconds timeout) {
  const rd_kafka_resp_err_t code = rd_kafka_flush(state_->client, milliseconds(timeout));
  if (state_->core != nullptr) state_->core->client_called(state_->client);
  state_->rethrow();
  return result_of(code);
}

KafkaResult<void> Producer::purge(int flags) { return result_of(rd_kafka_purge(state_->client, flags)); }

void Producer::rethrow(State& state) { state.rethrow(); }

rd_kafka_t* Producer::native_handle() const { return state_->client; }

bool Producer::is_traced() const {
  return state_->core != nullptr && state_->core->is_observed(state_->client);
}

}  // namespace waybill
