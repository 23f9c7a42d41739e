#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>

#include "waybill/kafka/api.h"
#include "waybill/observe/host_options.h"

namespace waybill::kafka {

// What a door can see of a client beyond the interceptors.
enum class Door {
  kPlugin,       // interceptors only: the end of processing is invisible
  kPreload,      // the poll calls and rd_kafka_message_destroy are seen too
  kApplication,  // the application itself tells what it polls and processes, if it wants to
};

// Makes every client that is made from `conf` an observed one. Adding it to a configuration that has it
// already (two doors in one process) changes nothing. Thread: the one that owns `conf`.
base::Failure instrument(const Api& api, rd_kafka_conf_t* conf, Door door);

// Around rd_kafka_new: forgets what this thread opened before; closes what it opened for a client that then
// was not made.
void forget_opened();
void close_opened();

// The client is about to be closed by the application: what it processes ends now. Other clients are ignored.
void end_processing_of(rd_kafka_t* client);

// Takes from librdkafka's caches what is not known yet (the cluster id). Must not be called inside a callback
// of librdkafka; never blocks, never asks the broker.
void learn_facts_of(rd_kafka_t* client);

// How the host's language runs its code; told before the first client is made.
void set_host_runtime(observe::HostRuntime runtime);

// Text of plugin properties, NAME=value with zero bytes between; told before the first client is made. False:
// there is no room for it.
bool add_plugin_property(const char* name, const char* value);
// Several, as they stand in that text; all of them, or none.
bool add_plugin_properties(const char* text, std::size_t size);

}  // namespace waybill::kafka
