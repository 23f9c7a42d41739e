// libwaybill-plugin.so: the whole host side. librdkafka loads it for plugin.library.paths=libwaybill-plugin,
// and the preload shim loads it at the first Kafka client; a process that uses both doors has it once.

#include <atomic>
#include <cstdio>
#include <cstring>

#include "waybill/agent/entry_points.h"
#include "waybill/agent/host_runtime.h"
#include "waybill/agent/library_of.h"
#include "waybill/base/cancellation_hold.h"
#include "waybill/base/hook.h"
#include "waybill/base/say.h"
#include "waybill/kafka/api.h"
#include "waybill/kafka/application_calls.h"
#include "waybill/kafka/interceptors.h"
#include "waybill/observe/room.h"

namespace waybill::agent {
namespace {

using kafka::Api;
using kafka::Door;
using observe::Room;

void say_once(base::Failure failure) {
  static constinit std::atomic<bool> said{false};
  if (!said.exchange(true)) base::say("a Kafka client is not observed", describe(failure));
}

// Null: said once, and the host runs on untraced.
const Api* api_of(const void* inside) {
  base::Failure failure = base::Failure::kNone;
  const Api* api = Api::of(library_of(inside), inside, failure);
  if (api == nullptr) say_once(failure);
  return api;
}

// While the preload door copies a configuration, librdkafka calls conf_init for a plugin on it. The preload
// door sees more, so what is made from the copy is its own.
constinit thread_local bool copying_for_preload = false;

bool observe_clients_of(const Api& api, rd_kafka_conf_t* conf, Door door) {
  kafka::set_host_runtime(detect_host_runtime());
  const base::Failure failure = kafka::instrument(api, conf, door);
  if (failure != base::Failure::kNone) say_once(failure);
  return failure == base::Failure::kNone;
}

// Our interceptors go onto a copy. When rd_kafka_new fails late, librdkafka (2.0.2 at least) frees the
// interceptors of its own copy of the configuration, and the application's would keep pointing to them:
// destroying it, as the application must, would free them twice.
NewClient before_new(const void* real_new, rd_kafka_conf_t* conf) {
  const base::ErrnoKeeper keep_errno;
  const base::CancellationHold hold;
  NewClient made{};
  const Api* api = api_of(real_new);
  if (api == nullptr) return made;
  kafka::forget_opened();
  made.api = api;
  copying_for_preload = true;
  made.conf = conf == nullptr ? api->conf_new() : api->conf_dup(conf);
  copying_for_preload = false;
  if (made.conf != nullptr) observe_clients_of(*api, made.conf, Door::kPreload);
  return made;
}

void after_new(const NewClient& made, rd_kafka_conf_t* conf, const rd_kafka_t* client) {
  const base::ErrnoKeeper keep_errno;
  const auto* api = static_cast<const Api*>(made.api);
  if (client == nullptr) {
    kafka::close_opened();  // the copy is left behind: librdkafka has freed parts of it
  } else if (conf != nullptr) {
    api->conf_destroy(conf);  // rd_kafka_new takes over what it is given; that was the copy
  }
}

void begin_poll(const void* queue, observe::PollMode mode) {
  base::run_hook([&] {
    if (Room* room = Room::entered()) room->begin_poll(queue, mode);
  });
}

void end_poll(bool returned_message) {
  base::run_hook([&] {
    if (Room* room = Room::entered()) room->end_poll(returned_message);
  });
}

void message_destroyed(const rd_kafka_message_t* message) {
  base::run_hook([&] {
    if (Room* room = Room::entered()) room->message_destroyed(message);
  });
}

void client_closing(rd_kafka_t* client) {
  base::run_hook([&] { kafka::end_processing_of(client); });
}

void client_called(rd_kafka_t* client) {
  base::run_hook([&] { kafka::learn_facts_of(client); });
}

const char* instrument(const void* inside, rd_kafka_conf_t* conf, Door door) {
  const base::ErrnoKeeper keep_errno;
  const base::CancellationHold hold;
  base::Failure failure = base::Failure::kNone;
  const Api* api = Api::of(library_of(inside), inside, failure);
  if (api == nullptr) return describe(failure);
  kafka::set_host_runtime(detect_host_runtime());
  failure = kafka::instrument(*api, conf, door);
  return failure == base::Failure::kNone ? nullptr : describe(failure);
}

const char* observe_conf(const void* inside, rd_kafka_conf_t* conf) {
  return instrument(inside, conf, Door::kApplication);
}

const char* leave_conf_to_another(const void* inside, rd_kafka_conf_t* conf) {
  return instrument(inside, conf, Door::kElsewhere);
}

kafka::Observer observer_of(const void* inside, const rd_kafka_conf_t* conf) {
  const base::ErrnoKeeper keep_errno;
  const base::CancellationHold hold;
  base::Failure failure = base::Failure::kNone;
  const Api* api = Api::of(library_of(inside), inside, failure);
  return api == nullptr ? kafka::Observer::kNobody : kafka::observer_of(*api, conf);
}

const observe::ProcessScope* own_scope() {
  const Room* room = Room::entered();
  return room == nullptr ? nullptr : room->own_scope();
}

constexpr EntryPoints kEntryPoints{
    .version = EntryPoints::kVersion,
    .before_new = before_new,
    .after_new = after_new,
    .begin_poll = begin_poll,
    .end_poll = end_poll,
    .poll_failed = kafka::poll_failed,
    .message_destroyed = message_destroyed,
    .client_closing = client_closing,
    .client_called = client_called,
    .begin_anew = Room::leave,
    .use_settings = kafka::use_settings,
    .observe_conf = observe_conf,
    .leave_conf_to_another = leave_conf_to_another,
    .observer_of = observer_of,
    .scopes_begun = Room::scopes_begun,
    .stand_beside = Room::stand_beside,
    .own_scope = own_scope,
    .is_observed = kafka::is_observed,
    .begin_processing = kafka::begin_processing,
    .end_processing = kafka::end_processing,
    .hooks_run = kafka::hooks_run,
    .send_refused = kafka::send_refused,
    .inject_current = kafka::inject_current,
    .current_span = kafka::current_span,
    .read_application_spans_by = Room::read_application_spans_by,
    .begin_transaction = kafka::begin_transaction,
    .end_transaction = kafka::end_transaction,
    .settled = kafka::settled,
    .begin_batch = kafka::begin_batch,
    .leave_batch = kafka::leave_batch,
    .end_batch = kafka::end_batch,
    .sample_by = Room::sample_by,
    .describe_by = Room::describe_by,
    .begin_context = kafka::begin_context,
    .baggage_value = kafka::baggage_value,
};

constexpr char kPropertyPrefix[] = "waybill.";

// waybill.existing.context=keep is what WAYBILL_EXISTING_CONTEXT=keep is in the environment.
rd_kafka_conf_res_t on_conf_set(rd_kafka_conf_t*, const char* name, const char* value, char* error,
                                std::size_t error_size, void*) {
  if (std::strncmp(name, kPropertyPrefix, sizeof kPropertyPrefix - 1) != 0) return RD_KAFKA_CONF_UNKNOWN;
  char variable[128];
  std::size_t size = 0;
  for (; name[size] != '\0' && size + 1 < sizeof variable; ++size) {
    const char letter = name[size];
    variable[size] =
        letter == '.' ? '_' : static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 32 : letter);
  }
  variable[size] = '\0';
  if (value == nullptr || name[size] != '\0') {
    std::snprintf(error, error_size, "%s needs a value", name);
    return RD_KAFKA_CONF_INVALID;
  }
  kafka::add_plugin_property(variable, value);
  return RD_KAFKA_CONF_OK;
}

}  // namespace
}  // namespace waybill::agent

extern "C" {

__attribute__((visibility("default"))) const waybill::agent::EntryPoints* waybill_entry_points() {
  return &waybill::agent::kEntryPoints;
}

// librdkafka's plugin entry. It is called again for every copy of the configuration. Symbols come from the
// librdkafka that calls: with several in one process, another one's functions on this one's structures would
// crash.
__attribute__((visibility("default"))) rd_kafka_resp_err_t conf_init(rd_kafka_conf_t* conf,
                                                                     void** plugin_opaque, char*,
                                                                     std::size_t) {
  using namespace waybill;
  const base::ErrnoKeeper keep_errno;
  const base::CancellationHold hold;
  *plugin_opaque = nullptr;
  const kafka::Api* api = agent::api_of(__builtin_return_address(0));
  const kafka::Door door = agent::copying_for_preload ? kafka::Door::kPreload : kafka::Door::kPlugin;
  if (kafka::answers_question(door)) return RD_KAFKA_RESP_ERR_NO_ERROR;
  if (api != nullptr && agent::observe_clients_of(*api, conf, door)) {
    api->conf_add_on_conf_set(conf, "waybill", agent::on_conf_set, nullptr);
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;  // never a reason for the host not to start
}
}
