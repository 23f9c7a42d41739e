#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "waybill/observe/application_attributes.h"
#include "waybill/observe/application_sampler.h"
#include "waybill/observe/application_span.h"
#include "waybill/observe/process_scope.h"
#include "waybill/observe/send_batch.h"

namespace waybill::kafka {
enum class Observer : std::uint8_t;
struct EndedTransaction;
struct PlainHeader;
struct RefusedMessage;
struct Settled;
using PutHeader = void (*)(void* target, const char* name, const char* value, std::size_t size);
}  // namespace waybill::kafka

namespace waybill::agent {

// A client that is being made under observation.
struct NewClient {
  const void* api;        // the core's own
  rd_kafka_conf_t* conf;  // null: this one is not observed
};

// What the preload shim and the C++ API call in the core (libwaybill-plugin.so), which they load when they
// need it. All come from one build; the version guards against a mixed installation.
struct EntryPoints {
  static constexpr unsigned kVersion = 4;

  unsigned version;
  // Called around the real rd_kafka_new. `real_new` is that function; `conf` is the application's and may be
  // null. The client is made from the NewClient's `conf`, or from the application's own if that is null
  // (nothing is observed then).
  NewClient (*before_new)(const void* real_new, rd_kafka_conf_t* conf);
  void (*after_new)(const NewClient& made, rd_kafka_conf_t* conf, const rd_kafka_t* client);
  void (*begin_poll)(const void* queue, observe::PollMode mode);
  void (*end_poll)(bool returned_message);
  // In place of end_poll, or before it, where the poll got an error; see kafka/application_calls.h.
  void (*poll_failed)(rd_kafka_t* client, const rd_kafka_message_t* message);
  void (*message_destroyed)(const rd_kafka_message_t* message);
  void (*client_closing)(rd_kafka_t* client);
  // After a call on `client` that is no callback: the moment at which facts may be read from librdkafka's
  // caches.
  void (*client_called)(rd_kafka_t* client);

  // For the C++ API; see kafka/application_calls.h and kafka/interceptors.h. What was until now ends, so that
  // what is said next counts: false if a client is open.
  bool (*begin_anew)();
  // Settings, NAME=value with a zero byte behind each, which count from the next client on. False: there is
  // no room for all of them, and none is taken.
  bool (*use_settings)(const char* text, std::size_t size);
  // Null: every client that is made from `conf` is observed. Else why not. `inside`: any function of the
  // librdkafka that `conf` belongs to.
  const char* (*observe_conf)(const void* inside, rd_kafka_conf_t* conf);
  // The same, but another host side of this process observes them, and no door of this one does.
  const char* (*leave_conf_to_another)(const void* inside, rd_kafka_conf_t* conf);
  kafka::Observer (*observer_of)(const void* inside, const rd_kafka_conf_t* conf);
  // Where a process has several host sides: see observe::Room.
  std::uint64_t& (*scopes_begun)();
  void (*stand_beside)(const observe::Siblings& siblings);
  const observe::ProcessScope* (*own_scope)();
  bool (*is_observed)(const rd_kafka_t* client);
  observe::ScopeTicket (*begin_processing)(rd_kafka_t* client, rd_kafka_message_t* const* messages,
                                           std::size_t count);
  void (*end_processing)(const observe::ScopeTicket& ticket, const char* error_type, const char* description);
  std::uint32_t (*hooks_run)();
  void (*send_refused)(rd_kafka_t* client, const kafka::RefusedMessage& message);
  void (*inject_current)(kafka::PutHeader put, void* target);
  bool (*current_span)(observe::ApplicationSpan& span);
  void (*read_application_spans_by)(observe::ReadApplicationSpan read);
  std::uint64_t (*begin_transaction)(rd_kafka_t* producer);
  void (*end_transaction)(rd_kafka_t* producer, std::uint64_t ticket, const kafka::EndedTransaction& end);
  void (*settled)(rd_kafka_t* consumer, rd_kafka_t* producer, const kafka::Settled& settled);
  void (*begin_batch)(rd_kafka_t* producer, const char* topic, std::size_t topic_size,
                      observe::SendBatch& batch);
  void (*leave_batch)(const observe::SendBatch& batch);
  void (*end_batch)(rd_kafka_t* producer, observe::SendBatch& batch, rd_kafka_resp_err_t error,
                    const char* description);
  void (*sample_by)(observe::AskApplication ask);
  void (*describe_by)(observe::DescribeMessage describe);
  observe::ScopeTicket (*begin_context)(const kafka::PlainHeader* headers, std::size_t count);
  std::ptrdiff_t (*baggage_value)(std::string_view key, char* value, std::size_t size);
};

// The one name that the core exports for them: `extern "C" const EntryPoints* waybill_entry_points()`.
inline constexpr const char* kEntryPointsName = "waybill_entry_points";
using GetEntryPoints = const EntryPoints* (*)();

}  // namespace waybill::agent
