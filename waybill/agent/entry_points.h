#pragma once

#include <librdkafka/rdkafka.h>

#include "waybill/observe/process_scope.h"

namespace waybill::agent {

// A client that is being made under observation.
struct NewClient {
  const void* api;        // the core's own
  rd_kafka_conf_t* conf;  // null: this one is not observed
};

// What the preload shim calls in the core (libwaybill-plugin.so), which it loads at the first Kafka client.
// Both files come from one build; the version guards against a mixed installation.
struct EntryPoints {
  static constexpr unsigned kVersion = 1;

  unsigned version;
  // Called around the real rd_kafka_new. `real_new` is that function; `conf` is the application's and may be
  // null. The client is made from the NewClient's `conf`, or from the application's own if that is null
  // (nothing is observed then).
  NewClient (*before_new)(const void* real_new, rd_kafka_conf_t* conf);
  void (*after_new)(const NewClient& made, rd_kafka_conf_t* conf, const rd_kafka_t* client);
  void (*begin_poll)(const void* queue, observe::PollMode mode);
  void (*end_poll)(bool returned_message);
  void (*message_destroyed)(const rd_kafka_message_t* message);
  void (*client_closing)(rd_kafka_t* client);
  // After a call on `client` that is no callback: the moment at which facts may be read from librdkafka's
  // caches.
  void (*client_called)(rd_kafka_t* client);
};

// The one name that the core exports for the shim: `extern "C" const EntryPoints* waybill_entry_points()`.
inline constexpr const char* kEntryPointsName = "waybill_entry_points";
using GetEntryPoints = const EntryPoints* (*)();

}  // namespace waybill::agent
