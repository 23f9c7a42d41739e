#pragma once

#include <librdkafka/rdkafka.h>

#include "waybill/observe/process_scope.h"

namespace waybill::agent {

// What the preload shim calls in the core (libwaybill-plugin.so), which it loads at the first Kafka client.
// Both files come from one build; the version guards against a mixed installation.
struct EntryPoints {
  static constexpr unsigned kVersion = 1;

  unsigned version;
  // Observes the clients made from `conf`; `library` is a dlopen handle of the librdkafka that will make
  // them. A null `conf` gets replaced by a default one, which belongs to the new client or, if making it
  // fails, to destroy_conf.
  rd_kafka_conf_t* (*before_new)(void* library, rd_kafka_conf_t* conf);
  void (*destroy_conf)(void* library, rd_kafka_conf_t* conf);
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
