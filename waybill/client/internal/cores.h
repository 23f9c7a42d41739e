#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "waybill/agent/entry_points.h"
#include "waybill/support/expected.h"

// The host sides of this process. The first is shared with all other doors; each further Telemetry that lives
// at the same time has one of its own. Those that were loaded stay, for the next Telemetry. Thread-safe.
namespace waybill::internal {

inline constexpr std::size_t kMostCores = 16;

// Loaded at the first call of any function here.
const Expected<const agent::EntryPoints*>& first_core();

// That of clients for which no telemetry is chosen. Null: none can be loaded, and nothing is traced.
const agent::EntryPoints* default_core();

// That which observes the client; null: none does.
const agent::EntryPoints* observer_of(const rd_kafka_t* client);

// The same, or the default one.
const agent::EntryPoints* core_of(const rd_kafka_t* client);

// That whose scope is current on this thread, or the default one.
const agent::EntryPoints* current_core();

// Its place among them, below kMostCores, and back. Null: there is none at that place.
std::size_t number_of(const agent::EntryPoints& core);
const agent::EntryPoints* core_at(std::size_t number);

// Null: every client that is made from `conf` is observed, by `chosen` and by none else; where that is null,
// by whom it was instrumented for, or the default one. Else why not, a text that stays.
const char* why_not_observed(const agent::EntryPoints* chosen, rd_kafka_conf_t* conf);
Expected<void> observe(const agent::EntryPoints* chosen, rd_kafka_conf_t* conf);

// As observe::Room::read_application_spans_by, for all of them.
void read_application_spans_by(observe::ReadApplicationSpan read);

// The host side of a telemetry, as long as that lives: then it is free for another, as soon as no client is
// open in it. May go in the child of a fork, whatever other threads of the parent did at that moment.
class LeasedCore {
 public:
  // An error: there is none to be had.
  static Expected<LeasedCore> take();
  LeasedCore(LeasedCore&& other) noexcept;
  LeasedCore& operator=(LeasedCore&&) = delete;
  ~LeasedCore();

  const agent::EntryPoints& operator*() const { return *core_; }
  const agent::EntryPoints* operator->() const { return core_; }

  // As EntryPoints::use_settings, before the first client. False: one was made meanwhile, or there is no room
  // for all of them.
  bool use_settings(const std::string& text) const;

  // It is the default one from here on. `if_vacant`: only if that is no living telemetry's.
  void become_default(bool if_vacant) const;
  // The next telemetry may become the default.
  void vacate() const;

 private:
  explicit LeasedCore(const agent::EntryPoints& core) : core_{&core} {}

  const agent::EntryPoints* core_;  // null: moved from
};

}  // namespace waybill::internal
