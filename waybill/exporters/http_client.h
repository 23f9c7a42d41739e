#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waybill/configure/settings.h"
#include "waybill/support/expected.h"

namespace waybill::exporters {

struct HttpAnswer {
  long status = 0;
  std::string body;                                 // at most 64 KiB of it
  std::optional<std::chrono::seconds> retry_after;  // as the header says, from the moment of the answer
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// Posts bodies to one URL over a connection that is kept open. Owned by one thread; only stop() may come from
// another.
class HttpClient {
 public:
  HttpClient(const std::string& url, const HttpHeaders& headers, const configure::TlsFiles& tls = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // The error tells why no answer came: refused, time-out, unknown host, TLS.
  Expected<HttpAnswer> post(std::string_view body, std::chrono::milliseconds timeout);

  // Lets a running post return at once, and every later one too.
  void stop();

 private:
  struct Handle;
  int perform();  // a CURLcode

  std::unique_ptr<Handle> handle_;
  std::atomic<bool> stopped_{false};
};

}  // namespace waybill::exporters
