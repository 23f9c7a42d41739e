#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "waybill/configure/settings.h"
#include "waybill/exporters/prometheus_text.h"
#include "waybill/support/expected.h"

namespace waybill::exporters {

// Answers GET /metrics, in the format that the asking program prefers, and nothing else but a link to it.
// Bounded: so many connections, each with one short request. Threads of its own ask for the page.
class PrometheusServer {
 public:
  using Page = std::function<std::string(PrometheusFormat)>;

  // The error says why the port cannot be had: it is in use, or there is no such address.
  static Expected<std::unique_ptr<PrometheusServer>> open(const configure::PrometheusSettings& settings,
                                                          Page page);
  ~PrometheusServer();
  PrometheusServer(const PrometheusServer&) = delete;
  PrometheusServer& operator=(const PrometheusServer&) = delete;

  // "http://localhost:9464/metrics", with the port that was found.
  const std::string& url() const;

  // Ends when those that ask now have their answer. Thread: the owner's.
  void close();

 private:
  struct Implementation;
  explicit PrometheusServer(std::unique_ptr<Implementation> implementation);

  std::unique_ptr<Implementation> implementation_;
};

}  // namespace waybill::exporters
