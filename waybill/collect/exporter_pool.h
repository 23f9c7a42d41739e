#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "waybill/configure/settings.h"
#include "waybill/exporters/make_exporters.h"
#include "waybill/exporters/make_log_exporters.h"
#include "waybill/exporters/span_exporter.h"
#include "waybill/support/log.h"

namespace waybill::collect {

// The exporters of one set of settings for one signal; a batch goes to all of them.
using ExporterSet = std::vector<std::unique_ptr<exporters::SpanExporter>>;

// Hosts with the same destination share its exporters: one connection, one queue, one thread. Bounded: a
// user's hosts have so many destinations at once, and those that no host has any more go. There is one pool
// for spans and one for log records. Owned by one thread.
class ExporterPool {
 public:
  using MakeExporters = std::function<ExporterSet(const configure::Settings&, Log&)>;

  enum class Signal : std::uint8_t { kSpans, kLogs };

  // `log` outlives the pool. Tests give exporters of their own.
  explicit ExporterPool(Log& log, MakeExporters make = exporters::make_exporters,
                        Signal signal = Signal::kSpans)
      : log_{log}, make_{std::move(make)}, signal_{signal} {}
  static ExporterPool of_logs(Log& log) {
    return ExporterPool{log, exporters::make_log_exporters, Signal::kLogs};
  }

  // The exporters of these settings, for a host of the user `owner`, who keeps them for as long as he uses
  // them: release_unused() ends what nobody else keeps. Null, and said: this user's hosts have too many
  // destinations already.
  std::shared_ptr<ExporterSet> for_settings(const configure::Settings& settings, uid_t owner);

  // Ends the exporters whose last host is gone and that hold nothing any more; a few stay for the next one.
  // To be called when hosts ended.
  void release_unused();

  // Waits until everything that was submitted is exported or dropped. False: not by the deadline.
  bool flush(std::chrono::steady_clock::time_point deadline);

  void shutdown(std::chrono::steady_clock::time_point deadline);

  // The sum over all exporters.
  exporters::ExporterStatistics statistics() const;

 private:
  // Who began with a destination counts for it.
  struct Entry {
    configure::Settings settings;
    uid_t owner;
    std::shared_ptr<ExporterSet> exporters;  // shared with hosts: the count says whether there is one yet
  };

  bool same_destination(const configure::Settings& left, const configure::Settings& right) const;
  void hurry();

  Log& log_;
  MakeExporters make_;
  Signal signal_;
  std::vector<Entry> entries_;
  exporters::ExporterStatistics ended_;  // the sum over those that have ended
};

}  // namespace waybill::collect
