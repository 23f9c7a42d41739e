#include "waybill/kafka/interceptors.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <utility>

#include <unistd.h>

#include "waybill/base/clock.h"
#include "waybill/base/hook.h"
#include "waybill/base/say.h"
#include "waybill/kafka/header_carrier.h"
#include "waybill/kafka/incoming_message.h"
#include "waybill/kafka/message_headers.h"
#include "waybill/kafka/observed_client.h"
#include "waybill/kafka/partition_watch.h"
#include "waybill/observe/room.h"
#include "waybill/observe/thread_state.h"

namespace waybill::kafka {
namespace {

using observe::Acknowledgement;
using observe::Client;
using observe::Room;
using segment::HostCounter;
using segment::Persistence;

constexpr char kName[] = "waybill";
constexpr std::uint64_t kDefaultMessageMaxBytes = 1'000'000;
constexpr rd_kafka_resp_err_t kOk = RD_KAFKA_RESP_ERR_NO_ERROR;
constexpr std::int16_t kProduceRequest = 0;  // ApiKey, https://kafka.apache.org/protocol#protocol_api_keys

constinit observe::HostRuntime host_runtime = observe::HostRuntime::kNative;
constinit char plugin_properties[4096] = {};
constinit std::size_t plugin_properties_size = 0;
constinit char application_settings[4096] = {};
constinit std::size_t application_settings_size = 0;

// What observer_of() asks on this thread, with what it knows until now.
enum class Question : std::uint8_t { kNone, kNobodyYet, kThis, kAnother };
constinit thread_local Question question = Question::kNone;

// What on_new opened on this thread: taken back when rd_kafka_new fails after it.
constinit thread_local Observed* opened_last = nullptr;

struct Registration {
  const Api* api;
};
// One for each librdkafka and door; found again by value, so that they need not be freed. A row's door is its
// number and never changes.
constexpr std::size_t kDoors = 4;
constinit Registration registrations[kDoors][8] = {};

Registration* registration_of(const Api& api, Door door) {
  for (Registration& one : registrations[static_cast<std::size_t>(door)]) {
    const Api* nobody = nullptr;
    std::atomic_ref<const Api*> owner{one.api};
    if (owner.load(std::memory_order_acquire) == &api || owner.compare_exchange_strong(nobody, &api) ||
        nobody == &api) {
      return &one;
    }
  }
  return nullptr;
}

Door door_of(const Registration& registration) {
  return static_cast<Door>((&registration - &registrations[0][0]) / std::ssize(registrations[0]));
}

// Measures one of many hooks of a thread, so that the cost of Waybill can be told at no cost. As long as the
// hook.
class HookTimer {
 public:
  HookTimer()
      : start_ns_{++observe::thread_state.hooks % segment::kHooksForASample == 0 ? base::monotonic_ns() : 0} {
  }
  ~HookTimer() {
    if (start_ns_ == 0) return;
    Room* room = Room::entered();
    if (room != nullptr) room->count(HostCounter::kSampledHookNs, base::monotonic_ns() - start_ns_);
  }
  HookTimer(const HookTimer&) = delete;
  HookTimer& operator=(const HookTimer&) = delete;

 private:
  const std::uint64_t start_ns_;
};

// --- producing
// -------------------------------------------------------------------------------------------------------

// Those that run for each message are flattened: all that they call becomes part of them. bench/guard.tsv
// shows what that saves.
[[gnu::flatten]] rd_kafka_resp_err_t on_send(rd_kafka_t* rk, rd_kafka_message_t* message, void* opaque) {
  base::run_hook([&] {
    const HookTimer timer;
    Room* room = Room::entered();
    const auto& [api, client, handle, pool, questions] = *static_cast<const Observed*>(opaque);
    if (room == nullptr || client->number == 0 || handle != rk)
      return;                                         // a handle of the parent, after a fork
    observe::thread_state.librdkafka_thread = false;  // whoever sends is the application
    observe::thread_state.last_sent = message;
    const char* topic = api->topic_name(message->rkt);
    if (!room->observes(topic)) return;

    HeaderCarrier carrier{*api, message};
    FoundContext existing;
    if (carrier.headers() != nullptr) {
      if (pool != nullptr) pool->strike_off(carrier.headers());
      existing = carrier.extract(room->propagators());
      if (existing.malformed) room->count(HostCounter::kContextsMalformed);
    }
    const observe::SendPlan plan = room->plan_send(*client, topic, existing.message);
    bool has_added = false;
    if (plan.inject || !plan.baggage.empty()) {
      const Injection injection =
          carrier.inject(plan.outgoing(), plan.propagators, client->message_max_bytes, pool);
      has_added = injection == Injection::kDone;
      if (!has_added) [[unlikely]] {
        room->count(injection == Injection::kTooLarge ? HostCounter::kInjectionsSkippedBySize
                                                      : HostCounter::kInjectionsFailed);
        Room::leaves_without_context(plan);
      }
    }
    const bool injected = plan.inject && has_added;
    if (plan.remove_existing && !injected) carrier.remove(plan.propagators);
    if (!plan.record) return;
    room->record_send(*client, plan,
                      {.address = message,
                       .topic = topic,
                       .key = message->key,
                       .key_size = message->key_len,
                       .body_size = message->len,
                       .tombstone = message->payload == nullptr,
                       .has_headers = has_added || carrier.headers() != nullptr,
                       .headers = headers_from(*api)},
                      injected);
  });
  return kOk;
}

// On an application's thread the message may be an element of the application's own array
// (rd_kafka_produce_batch with a failing partitioner): there only the public fields are read. The calls that
// end messages on such a thread are purge and a failing partitioner; neither has reached a broker unless it
// says "in flight".
Persistence persistence_of(const Api& api, const rd_kafka_message_t* message) {
  if (!observe::thread_state.librdkafka_thread) {
    return message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT ? Persistence::kPossiblyPersisted
                                                             : Persistence::kNotPersisted;
  }
  switch (api.message_status(message)) {
    case RD_KAFKA_MSG_STATUS_NOT_PERSISTED:
      return Persistence::kNotPersisted;
    case RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED:
      return Persistence::kPossiblyPersisted;
    case RD_KAFKA_MSG_STATUS_PERSISTED:
      return Persistence::kPersisted;
  }
  return Persistence::kUnknown;
}

// A failing partitioner is told inside the produce call, on its thread, and rd_kafka_produce_batch tells it
// with the element of the application's array: the message is the one sent just before, and librdkafka frees
// it at once without another word.
bool refused_in_call(const rd_kafka_message_t* message) {
  return !observe::thread_state.librdkafka_thread &&
         (message->err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
          message->err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
          message->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
}

// Lets the message's list of headers be used again. False: no span waits for this acknowledgement. On an
// application's thread it may be no message of librdkafka's at all, so nothing is looked at.
bool sampled(HeaderPool* pool, Client& client, rd_kafka_message_t* message) {
  if (pool == nullptr || !observe::thread_state.librdkafka_thread) return true;
  switch (pool->recycle(message)) {
    case HeaderPool::Found::kNotSampled:
      return false;
    case HeaderPool::Found::kNoHeaders:
      return std::atomic_ref{client.sampled_without_headers}.load(std::memory_order_relaxed) != 0;
    case HeaderPool::Found::kSampled:
    case HeaderPool::Found::kNotOurs:
      break;
  }
  return true;
}

// What the acknowledgement says about its message. One that may be an element of the application's array is
// not given to librdkafka, and its topic is not looked at: the application need not have set it.
Acknowledgement acknowledgement_of(Room& room, const Api& api, rd_kafka_message_t* message) {
  Acknowledgement answer;
  answer.address = message;
  bool may_be_element = false;
  if (refused_in_call(message)) {
    const void* sent = std::exchange(observe::thread_state.last_sent, nullptr);
    may_be_element = sent != message;
    if (sent != nullptr) answer.address = sent;
  }
  answer.offset = message->offset;
  answer.partition = message->partition;
  answer.error = error_of(room, api, message->err);
  answer.size = message->len + message->key_len;
  if (may_be_element) return answer;
  if (message->rkt != nullptr) answer.topic = api.topic_name(message->rkt);
  if (api.message_latency != nullptr) answer.latency_us = api.message_latency(message);
  return answer;
}

[[gnu::flatten]] rd_kafka_resp_err_t on_acknowledgement(rd_kafka_t* rk, rd_kafka_message_t* message,
                                                        void* opaque) {
  base::run_hook([&] {
    const HookTimer timer;
    Room* room = Room::entered();
    const auto& [api, client, handle, pool, questions] = *static_cast<const Observed*>(opaque);
    if (room == nullptr || client->number == 0 || handle != rk) return;
    const bool is_recorded = sampled(pool, *client, message) || room->records_unsampled();
    if (!is_recorded && !room->counts()) return;
    Acknowledgement answer = acknowledgement_of(*room, *api, message);
    if (!answer.topic.empty() && !room->observes(answer.topic)) return;
    room->count_answer(*client, answer);
    if (!is_recorded) return;
    answer.persistence = persistence_of(*api, message);
    room->end_send(*client, answer);
  });
  return kOk;
}

rd_kafka_resp_err_t on_request_sent(rd_kafka_t*, int, const char*, std::int32_t broker, std::int16_t api_key,
                                    std::int16_t, std::int32_t, std::size_t, void* opaque) {
  if (api_key != kProduceRequest) return kOk;
  base::run_hook([&] {
    Room* room = Room::entered();
    Client* client = static_cast<const Observed*>(opaque)->client;
    if (room != nullptr && client->number != 0) room->request_sent(*client, broker);
  });
  return kOk;
}

rd_kafka_resp_err_t on_response_received(rd_kafka_t*, int, const char* broker_name, std::int32_t broker,
                                         std::int16_t api_key, std::int16_t, std::int32_t, std::size_t,
                                         std::int64_t, rd_kafka_resp_err_t error, void* opaque) {
  if (api_key != kProduceRequest) return kOk;
  base::run_hook([&] {
    Room* room = Room::entered();
    const auto& [api, client, handle, pool, questions] = *static_cast<const Observed*>(opaque);
    if (room == nullptr || client->number == 0) return;
    // librdkafka names a broker host:port/id.
    const char* slash = std::strrchr(broker_name, '/');
    const std::size_t size =
        slash == nullptr ? std::strlen(broker_name) : static_cast<std::size_t>(slash - broker_name);
    room->request_answered(*client, broker, {broker_name, size}, error != kOk, error_of(*room, *api, error));
  });
  return kOk;
}

// --- consuming
// -------------------------------------------------------------------------------------------------------

[[gnu::flatten]] rd_kafka_resp_err_t on_consume(rd_kafka_t* rk, rd_kafka_message_t* message, void* opaque) {
  base::run_hook([&] {
    const HookTimer timer;
    Room* room = Room::entered();
    const auto& [api, client, handle, pool, questions] = *static_cast<const Observed*>(opaque);
    if (room == nullptr || client->number == 0 || handle != rk || message->err != kOk) return;
    const char* topic = api->topic_name(message->rkt);
    if (!room->observes(topic)) return room->pass_over(*client);
    const FoundContext creation = creation_of(*room, *api, message);
    room->hand_over(*client, incoming_message(*api, message, topic, creation.message));
    if (creation.malformed) room->count(HostCounter::kContextsMalformed);
  });
  return kOk;
}

// --- a client's life
// -------------------------------------------------------------------------------------------------

rd_kafka_resp_err_t on_thread_start(rd_kafka_t*, rd_kafka_thread_type_t type, const char*, void*) {
  observe::thread_state.librdkafka_thread = type == RD_KAFKA_THREAD_MAIN || type == RD_KAFKA_THREAD_BROKER;
  return kOk;
}

rd_kafka_resp_err_t on_destroy(rd_kafka_t* rk, void* opaque) {
  base::run_hook([&] {
    Room* room = Room::entered();
    const auto& [api, client, handle, pool, questions] = *static_cast<const Observed*>(opaque);
    if (room != nullptr && client->number != 0 && handle == rk) room->client_destroyed(*client);
  });
  return kOk;
}

void close(Room& room, const Observed& one) {
  if (one.client->number == 0) return;
  room.close_client(*one.client);
  if (one.pool != nullptr) one.pool->producer_closed();
}

// The last call for a client: its threads are joined, so no acknowledgement can follow. It also comes for
// configurations that never became a client; those are not found. Nor is a client of the parent's, after a
// fork, though one of the child's own may have its place: so the opaque is the client's number.
rd_kafka_resp_err_t on_conf_destroy(void* conf_opaque) {
  base::run_hook([&] {
    Room* room = Room::entered();
    const auto number = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(conf_opaque));
    if (room == nullptr || number == 0) return;
    for (const Observed& one : observed) {
      if (one.client != nullptr && one.client->number == number) return close(*room, one);
    }
  });
  return kOk;
}

// A property's value, or empty text when it is not set.
struct Property {
  char text[512] = {};
  std::size_t size = 0;

  Property(const Api& api, const rd_kafka_conf_t* conf, const char* name) {
    size = sizeof text;
    if (api.conf_get(conf, name, text, &size) != RD_KAFKA_CONF_OK) size = 0;
    if (size > 0) --size;  // without the zero byte
    if (size >= sizeof text) size = std::strlen(text);
  }
  std::string_view view() const { return {text, size}; }
};

void add_interceptors(const Api& api, rd_kafka_t* client, Observed& one) {
  const bool producer = api.type(client) == RD_KAFKA_PRODUCER;
  api.add_on_destroy(client, kName, on_destroy, &one);
  if (!producer) {
    api.add_on_consume(client, kName, on_consume, &one);
    return;
  }
  api.add_on_thread_start(client, kName, on_thread_start, &one);
  if (api.add_on_request_sent != nullptr && api.add_on_response_received != nullptr) {
    api.add_on_request_sent(client, kName, on_request_sent, &one);
    api.add_on_response_received(client, kName, on_response_received, &one);
  }
  api.add_on_acknowledgement(client, kName, on_acknowledgement, &one);
  api.add_on_send(client, kName, on_send, &one);
}

rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t* conf, void* opaque, char*,
                           std::size_t) {
  base::run_hook([&] {
    const Registration& registration = *static_cast<const Registration*>(opaque);
    if (door_of(registration) == Door::kElsewhere) return;
    const Api& api = *registration.api;
    Room* room = Room::enter(environ,
                             {.by_plugin_properties = {plugin_properties, plugin_properties_size},
                              .by_application = {application_settings, application_settings_size}},
                             host_runtime);
    if (room == nullptr) return;
    const Property client_id{api, conf, "client.id"};
    const Property group_id{api, conf, "group.id"};
    const Property servers{api, conf, "bootstrap.servers"};
    const Property acks{api, conf, "acks"};
    const Property transactional_id{api, conf, "transactional.id"};
    const Property isolation_level{api, conf, "isolation.level"};
    const Property security_protocol{api, conf, "security.protocol"};
    const Property max_poll_interval{api, conf, "max.poll.interval.ms"};
    const Property max_bytes{api, conf, "message.max.bytes"};
    Client* opened = room->open_client(
        {.producer = api.type(client) == RD_KAFKA_PRODUCER,
         .sees_end_of_processing = door_of(registration) == Door::kPreload,
         .client_id = client_id.view(),
         .group_id = group_id.view(),
         .servers = servers.view(),
         .library_version = api.version_str(),
         .acks = acks.view(),
         .transactional_id = transactional_id.view(),
         .isolation_level = isolation_level.view(),
         .security_protocol = security_protocol.view(),
         .max_poll_interval_ms = max_poll_interval.view(),
         .message_max_bytes =
             max_bytes.size == 0 ? kDefaultMessageMaxBytes : std::strtoull(max_bytes.text, nullptr, 10)});
    if (opened == nullptr) return;
    Observed& one = remember_observed(
        room->index_of(*opened), {&api, opened, client, opened->producer ? HeaderPool::of(api) : nullptr, 0});
    if (one.pool != nullptr) one.pool->producer_opened();
    opened_last = &one;
    add_interceptors(api, client, one);
    // `conf` is the client's own copy by now; the cast is what librdkafka's interceptor API leaves no way
    // around.
    api.conf_add_on_conf_destroy(const_cast<rd_kafka_conf_t*>(conf), kName, on_conf_destroy,
                                 reinterpret_cast<void*>(std::uintptr_t{opened->number}));
  });
  return kOk;
}

bool is_added(rd_kafka_resp_err_t error) { return error == kOk || error == RD_KAFKA_RESP_ERR__CONFLICT; }

rd_kafka_resp_err_t on_conf_dup(rd_kafka_conf_t* copy, const rd_kafka_conf_t*, std::size_t, const char**,
                                void* opaque) {
  base::run_hook([&] {
    const Registration& registration = *static_cast<const Registration*>(opaque);
    const Door door = door_of(registration);
    if (!answers_question(door)) instrument(*registration.api, copy, door);
  });
  return kOk;
}

}  // namespace

base::Failure instrument(const Api& api, rd_kafka_conf_t* conf, Door door) {
  Registration* registration = registration_of(api, door);
  if (registration == nullptr) return base::Failure::kSymbolsMissing;
  // A plugin is asked again for each copy, and the preload door's configuration is not copied any more.
  const bool survives_copies = door == Door::kPlugin || door == Door::kPreload ||
                               is_added(api.conf_add_on_conf_dup(conf, kName, on_conf_dup, registration));
  return survives_copies && is_added(api.conf_add_on_new(conf, kName, on_new, registration))
             ? base::Failure::kNone
             : base::Failure::kInterceptorRefused;
}

// Interceptors on a configuration cannot be listed, but those on it hear of a copy.
Observer observer_of(const Api& api, const rd_kafka_conf_t* conf) {
  question = Question::kNobodyYet;
  rd_kafka_conf_t* copy = api.conf_dup(conf);
  const Question answered = std::exchange(question, Question::kNone);
  if (copy != nullptr) api.conf_destroy(copy);
  if (answered == Question::kThis) return Observer::kThis;
  return answered == Question::kAnother ? Observer::kAnother : Observer::kNobody;
}

bool answers_question(Door door) {
  if (question == Question::kNone) return false;
  question = door == Door::kElsewhere ? Question::kAnother : Question::kThis;
  return true;
}

void forget_opened() { opened_last = nullptr; }

void close_opened() {
  base::run_hook([] {
    Room* room = Room::entered();
    Observed* one = std::exchange(opened_last, nullptr);
    if (room != nullptr && one != nullptr) close(*room, *one);
  });
}

void end_processing_of(rd_kafka_t* client) {
  Room* room = Room::entered();
  const Observed* one = room == nullptr ? nullptr : find_observed(client);
  if (one != nullptr) room->end_processing(*one->client);
}

void learn_facts_of(rd_kafka_t* client) {
  Room* room = Room::entered();
  Observed* one = room == nullptr ? nullptr : find_observed(client);
  if (one == nullptr) return;
  look_at_partitions(*one->api, client, *room, *one->client);
  if (one->client->cluster_known != 0 || one->api->clusterid == nullptr || one->api->mem_free == nullptr)
    return;
  // The answer comes with the first metadata. Until then ask at calls 1, 2, 4, 8 …: each question takes
  // librdkafka's lock.
  const std::uint32_t asked = ++one->cluster_questions;
  if ((asked & (asked - 1)) != 0) return;
  char* cluster = one->api->clusterid(client, 0);
  if (cluster == nullptr) return;
  room->learn_cluster(*one->client, cluster);
  one->api->mem_free(client, cluster);
}

void set_host_runtime(observe::HostRuntime runtime) { host_runtime = runtime; }

bool add_plugin_property(const char* name, const char* value) {
  const std::size_t size = std::strlen(name) + 1 + std::strlen(value) + 1;
  std::atomic_ref<std::size_t> used{plugin_properties_size};
  std::size_t place = used.load(std::memory_order_relaxed);
  do {
    if (size > sizeof plugin_properties - place) return false;
  } while (!used.compare_exchange_weak(place, place + size, std::memory_order_relaxed));
  std::snprintf(plugin_properties + place, size, "%s=%s", name, value);
  return true;
}

bool use_settings(const char* text, std::size_t size) {
  if (size > sizeof application_settings) return false;
  if (size != 0) std::memcpy(application_settings, text, size);
  application_settings_size = size;
  return true;
}

}  // namespace waybill::kafka
