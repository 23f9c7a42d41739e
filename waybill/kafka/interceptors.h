#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>

#include "waybill/kafka/api.h"
#include "waybill/observe/host_options.h"

namespace waybill::kafka {

// What a door can see of a client beyond the interceptors.
enum class Door {
  kPlugin,       // interceptors only: the end of processing is invisible
  kPreload,      // the poll calls and rd_kafka_message_destroy are seen too
  kApplication,  // the application itself tells what it polls and processes, if it wants to
  kElsewhere,    // another host side of this process observes the clients: this one leaves them alone
};

// Who observes the clients of a configuration.
enum class Observer : std::uint8_t { kNobody, kThis, kAnother };

// What the interceptors on a configuration say of that; seen from this host side, of which another one knows
// nothing if it was not told by Door::kElsewhere. Thread: the one that owns `conf`.
Observer observer_of(const Api& api, const rd_kafka_conf_t* conf);

// Whether librdkafka copies a configuration for observer_of(), so that nothing is to be put on the copy.
bool answers_question(Door door);

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

// A plugin property by the name of its variable; told before the first client is made. False: there is no
// room for it.
bool add_plugin_property(const char* name, const char* value);
// What the application says, NAME=value with a zero byte behind each, in place of what it said before; told
// before the first client is made, or before the first after Room::leave(). False: there is no room for it.
bool use_settings(const char* text, std::size_t size);

}  // namespace waybill::kafka
