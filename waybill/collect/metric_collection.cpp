#include "waybill/collect/metric_collection.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "waybill/base/clock.h"

namespace waybill::collect {
namespace {

using exporters::MetricExporter;

// A question to a broker comes with positions that are no older than this.
constexpr std::chrono::milliseconds kLookAtPartitionsEvery{250};

bool has_exporters(const Host& host) {
  return host.metric_exporters() != nullptr && !host.metric_exporters()->empty();
}

lag::JoinMoment moment_now() { return {.now_ns = base::monotonic_ns(), .now_unix_ns = base::realtime_ns()}; }

// Memories of several exporters, one after the other: size, then bytes.
void append(std::string& all, std::string_view memory) {
  const auto size = static_cast<std::uint32_t>(memory.size());
  all.append(reinterpret_cast<const char*>(&size), sizeof size).append(memory);
}
std::string_view take(std::string_view& all) {
  std::uint32_t size = 0;
  if (all.size() < sizeof size) return {};
  std::memcpy(&size, all.data(), sizeof size);
  all.remove_prefix(sizeof size);
  const std::string_view memory = all.substr(0, size);
  all.remove_prefix(memory.size());
  return memory;
}

}  // namespace

MetricCollection::MetricCollection(MetricPool& pool, const RuntimeDirectory& directory,
                                   const configure::Settings& own_settings, OwnSnapshot own, Log& log)
    : pool_{pool}, directory_{directory}, own_settings_{own_settings}, own_{std::move(own)}, lag_watch_{log} {
  const std::vector<configure::MetricExporterKind>& kinds = own_settings.metrics.exporters;
  if (std::find(kinds.begin(), kinds.end(), configure::MetricExporterKind::kPrometheus) != kinds.end())
    page_ = pool.for_settings(own_settings, geteuid());
}

void MetricCollection::begin(const Host& host) {
  if (host.metric_exporters() == nullptr) return;
  const std::string all = directory_.read_metric_memory(host.name());
  std::string_view rest = all;
  for (const auto& exporter : *host.metric_exporters()) {
    if (const std::string_view memory = take(rest); !memory.empty()) exporter->recall(host.name(), memory);
  }
  if (!all.empty()) kept_[host.name()] = all;
}

void MetricCollection::round(const Hosts& hosts) {
  look_at_partitions(hosts);
  for (auto& [exporter, snapshots] : gather(hosts, Which::kThoseThatWant))
    exporter->submit(std::move(snapshots));
  keep_memories(hosts);
}

// Nobody is asked about a host whose metrics go nowhere.
void MetricCollection::look_at_partitions(const Hosts& hosts) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_look_) return;
  next_look_ = now + kLookAtPartitionsEvery;
  std::vector<WatchedPartition> watched;
  for (const auto& host : hosts) {
    if (!has_exporters(*host) || !host->alive()) continue;
    std::vector<WatchedPartition> of_host = host->watched_partitions();
    watched.insert(watched.end(), std::make_move_iterator(of_host.begin()),
                   std::make_move_iterator(of_host.end()));
  }
  lag_watch_.update(watched);
}

MetricCollection::Wanted MetricCollection::gather(const Hosts& hosts, Which which) {
  const auto now = std::chrono::steady_clock::now();
  std::set<MetricExporter*> asked;
  Wanted wanted;
  const auto give = [&](const MetricExporterSet* set, auto&& make_snapshot) {
    if (set == nullptr) return;
    std::shared_ptr<const telemetry::MetricSnapshot> snapshot;
    for (const auto& exporter : *set) {
      const bool is_new = asked.insert(exporter.get()).second;
      if (is_new && (which == Which::kAll || exporter->wants_snapshots(now))) wanted[exporter.get()];
      const auto place = wanted.find(exporter.get());
      if (place == wanted.end()) continue;
      if (snapshot == nullptr) snapshot = make_snapshot();
      place->second.push_back(snapshot);
    }
  };
  const bool is_end = which == Which::kAll;
  std::optional<std::map<std::string, std::vector<lag::LagPoint>>> lags;  // when somebody wants them
  for (const auto& host : hosts) {
    give(host->metric_exporters(), [&] {
      if (is_end && !host->alive()) return host->metrics(true);
      if (!lags) lags = lag_watch_.of_hosts(moment_now());
      return host->metrics(false, (*lags)[host->name()]);
    });
  }
  give(pool_.known(own_settings_),
       [&] { return is_end ? own_(true, {}) : own_(false, lag_watch_.of_others(moment_now())); });
  return wanted;
}

void MetricCollection::end(Host& host) {
  kept_.erase(host.name());
  if (finished_ || !has_exporters(host)) return;
  const auto snapshot = host.metrics(true);
  for (const auto& exporter : *host.metric_exporters()) exporter->submit({snapshot});
}

bool MetricCollection::flush(const Hosts& hosts, std::chrono::steady_clock::time_point deadline) {
  for (auto& [exporter, snapshots] : gather(hosts, Which::kAll)) exporter->submit(std::move(snapshots));
  const bool done = pool_.flush(deadline);
  keep_memories(hosts);
  return done;
}

void MetricCollection::finish(const Hosts& hosts, std::chrono::steady_clock::time_point deadline) {
  finished_ = true;
  for (auto& [exporter, snapshots] : gather(hosts, Which::kAll)) exporter->submit(std::move(snapshots));
  pool_.shutdown(deadline);
  keep_memories(hosts);
}

// As soon as an exporter has told something: what is told and not kept would be told again.
void MetricCollection::keep_memories(const Hosts& hosts) {
  std::map<const MetricExporter*, std::uint64_t> exported;
  for (const auto& host : hosts) {
    if (host->metric_exporters() == nullptr) continue;
    for (const auto& exporter : *host->metric_exporters()) {
      if (!exported.contains(exporter.get())) exported[exporter.get()] = exporter->statistics().exported;
    }
  }
  if (exported == exported_) return;
  for (const auto& host : hosts) keep_memory(*host);
  exported_ = std::move(exported);
}

void MetricCollection::keep_memory(const Host& host) {
  if (host.metric_exporters() == nullptr) return;
  std::string all;
  bool is_any = false;
  for (const auto& exporter : *host.metric_exporters()) {
    const std::string memory = exporter->memory_of(host.name());
    is_any = is_any || !memory.empty();
    append(all, memory);
  }
  if (!is_any || kept_[host.name()] == all) return;
  if (directory_.write_metric_memory(host.name(), all)) kept_[host.name()] = std::move(all);
}

}  // namespace waybill::collect
