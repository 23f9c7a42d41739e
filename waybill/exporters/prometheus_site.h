#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "waybill/configure/settings.h"
#include "waybill/exporters/metric_exporter.h"
#include "waybill/exporters/prometheus_page.h"
#include "waybill/exporters/prometheus_server.h"
#include "waybill/support/log.h"

namespace waybill::exporters {

// One address that Prometheus asks at, with the page that it gets there. Several exporters may show their
// hosts on it: programs differ in other settings and have the same port. Thread-safe.
class PrometheusSite {
 public:
  // So long a question waits for fresh numbers; then it gets those that are there.
  static constexpr std::chrono::milliseconds kPatience{1'000};

  // The site that is open at this address, or a new one; with port 0 always a new one. One that cannot be
  // opened is said and shows nothing. `log` outlives it.
  static std::shared_ptr<PrometheusSite> at(const configure::PrometheusSettings& settings, Log& log);

  PrometheusSite(const configure::PrometheusSettings& settings, Log& log);
  ~PrometheusSite();
  PrometheusSite(const PrometheusSite&) = delete;
  PrometheusSite& operator=(const PrometheusSite&) = delete;

  bool is_open() const { return server_ != nullptr; }
  const std::string& url() const { return server_->url(); }  // of one that is open

  // Those who show something here; a question waits for the answers of all.
  std::uint64_t enter();
  void leave(std::uint64_t member);

  // Whether somebody asks whom this member has not answered yet.
  bool is_asked(std::uint64_t member) const;
  void show(std::uint64_t member, const MetricSnapshots& snapshots);

 private:
  std::string page(PrometheusFormat format);
  std::vector<PrometheusTarget> newest_targets();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  PrometheusPage page_;                              // these are guarded by mutex_
  std::map<std::uint64_t, std::uint64_t> answered_;  // the last question that each member has answered
  std::uint64_t questions_ = 0;
  std::uint64_t last_member_ = 0;
  bool is_closing_ = false;

  std::unique_ptr<PrometheusServer> server_;  // last: its threads use the others
};

}  // namespace waybill::exporters
