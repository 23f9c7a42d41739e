#include "waybill/exporters/prometheus_site.h"

#include <algorithm>
#include <string>
#include <utility>

namespace waybill::exporters {

std::shared_ptr<PrometheusSite> PrometheusSite::at(const configure::PrometheusSettings& settings, Log& log) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::uint16_t>, std::weak_ptr<PrometheusSite>> sites;
  if (settings.port == 0) return std::make_shared<PrometheusSite>(settings, log);
  const std::scoped_lock lock{mutex};
  std::erase_if(sites, [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<PrometheusSite>& known = sites[{settings.host, settings.port}];
  if (std::shared_ptr<PrometheusSite> site = known.lock()) return site;
  auto site = std::make_shared<PrometheusSite>(settings, log);
  known = site;
  return site;
}

PrometheusSite::PrometheusSite(const configure::PrometheusSettings& settings, Log& log) {
  Expected<std::unique_ptr<PrometheusServer>> server =
      PrometheusServer::open(settings, [this](PrometheusFormat format) { return page(format); });
  if (!server) {
    log.warning("prometheus " + server.error().message,
                "no page for Prometheus is shown at " + server.error().message);
    return;
  }
  server_ = std::move(*server);
  if (settings.port == 0) log.info("prometheus", "metrics for Prometheus are at " + server_->url());
}

PrometheusSite::~PrometheusSite() {
  {
    const std::scoped_lock lock{mutex_};
    is_closing_ = true;
    changed_.notify_all();
  }
  if (server_) server_->close();
}

std::uint64_t PrometheusSite::enter() {
  const std::scoped_lock lock{mutex_};
  answered_.emplace(++last_member_, questions_);
  return last_member_;
}

void PrometheusSite::leave(std::uint64_t member) {
  const std::scoped_lock lock{mutex_};
  answered_.erase(member);
  changed_.notify_all();
}

bool PrometheusSite::is_asked(std::uint64_t member) const {
  const std::scoped_lock lock{mutex_};
  return answered_.at(member) < questions_;
}

void PrometheusSite::show(std::uint64_t member, const MetricSnapshots& snapshots) {
  const std::scoped_lock lock{mutex_};
  page_.show(snapshots, std::chrono::steady_clock::now());
  answered_.at(member) = questions_;
  changed_.notify_all();
}

// Thread: the server's. The page is written without the lock, so that nobody who submits waits for it.
std::string PrometheusSite::page(PrometheusFormat format) {
  return prometheus_text(newest_targets(), format);
}

std::vector<PrometheusTarget> PrometheusSite::newest_targets() {
  std::unique_lock lock{mutex_};
  const std::uint64_t question = ++questions_;
  changed_.wait_for(lock, kPatience, [&] {
    return is_closing_ || std::all_of(answered_.begin(), answered_.end(),
                                      [&](const auto& member) { return member.second >= question; });
  });
  return page_.targets(std::chrono::steady_clock::now());
}

}  // namespace waybill::exporters
