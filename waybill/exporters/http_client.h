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

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  HttpHeaders headers;
  std::string_view body;
  std::chrono::milliseconds timeout{};
};

struct HttpAnswer {
  long status = 0;
  std::string body;     // at most 64 KiB of it
  HttpHeaders headers;  // and what followed the body; names in lower case; at most 64 KiB of them
  std::optional<std::chrono::seconds> retry_after;  // as the header says, from the moment of the answer
};

// kAny: what both sides speak. kTwo: HTTP/2 from the first byte on, or negotiated by TLS.
enum class HttpVersion { kAny, kTwo };

// Posts bodies to one URL over a connection that is kept open until something fails on it. Owned by one
// thread; only stop() may come from another.
class HttpClient {
 public:
  explicit HttpClient(const std::string& url, const configure::TlsFiles& tls = {},
                      HttpVersion version = HttpVersion::kAny);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // The error tells why no answer came: refused, time-out, unknown host, TLS.
  Expected<HttpAnswer> post(const HttpRequest& request);

  // Lets a running post return at once, and every later one too.
  void stop();

 private:
  struct Handle;
  void prepare();
  void prepare_to_go_on();
  int perform();  // a CURLcode
  HttpAnswer take_answer();

  const std::string url_;
  const configure::TlsFiles tls_;
  const HttpVersion version_;
  std::unique_ptr<Handle> handle_;
  std::atomic<bool> stopped_{false};
};

}  // namespace waybill::exporters
