#include "waybill/exporters/http_client.h"

#include <curl/curl.h>

#include <algorithm>

namespace waybill::exporters {
namespace {

constexpr std::size_t kMostOfAnswer = 64 * 1024;

// libcurl's global state: made at the first client, never taken down, because other threads may use libcurl
// too.
void make_curl_ready() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(ready);
}

std::size_t keep_body(char* data, std::size_t, std::size_t size, void* target) {
  auto& body = *static_cast<std::string*>(target);
  body.append(data, std::min(size, kMostOfAnswer - std::min(kMostOfAnswer, body.size())));
  return size;
}

void set_unless_empty(CURL* curl, CURLoption option, const std::string& text) {
  if (!text.empty()) curl_easy_setopt(curl, option, text.c_str());
}

constexpr int kMostPauseMs = 1000;
constexpr long kUploadBuffer = 256L * 1024;  // with curl's 64 KiB a batch takes twenty system calls

}  // namespace

struct HttpClient::Handle {
  CURLM* multi = nullptr;  // only this way another thread can wake a transfer up
  CURL* curl = nullptr;
  curl_slist* headers = nullptr;
  std::string body;
  char error[CURL_ERROR_SIZE] = {};

  ~Handle() {
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_multi_cleanup(multi);
  }
};

HttpClient::HttpClient(const std::string& url, const HttpHeaders& headers, const configure::TlsFiles& tls)
    : handle_{std::make_unique<Handle>()} {
  make_curl_ready();
  handle_->multi = curl_multi_init();
  CURL* curl = handle_->curl = curl_easy_init();
  for (const auto& [name, value] : headers) {
    std::string line = name;
    line += value.empty() ? ";" : ": ";
    line += value;
    handle_->headers = curl_slist_append(handle_->headers, line.c_str());
  }
  // No waiting for "100 Continue": receivers of OTLP do not send it.
  handle_->headers = curl_slist_append(handle_->headers, "Expect:");
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, handle_->headers);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  set_unless_empty(curl, CURLOPT_CAINFO, tls.certificate);
  set_unless_empty(curl, CURLOPT_SSLCERT, tls.client_certificate);
  set_unless_empty(curl, CURLOPT_SSLKEY, tls.client_key);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &handle_->body);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, handle_->error);
  curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);  // a name server that does not answer is not waited for
}

HttpClient::~HttpClient() = default;

void HttpClient::stop() {
  stopped_.store(true);
  curl_multi_wakeup(handle_->multi);
}

Expected<HttpAnswer> HttpClient::post(std::string_view body, std::chrono::milliseconds timeout) {
  if (stopped_.load()) return Error{Error::Code::kNetwork, "stopped"};
  CURL* curl = handle_->curl;
  handle_->body.clear();
  handle_->error[0] = '\0';
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(timeout.count())));
  const auto code = static_cast<CURLcode>(perform());
  if (stopped_.load() && code == CURLE_ABORTED_BY_CALLBACK) return Error{Error::Code::kNetwork, "stopped"};
  if (code != CURLE_OK) {
    return Error{Error::Code::kNetwork,
                 handle_->error[0] != '\0' ? handle_->error : curl_easy_strerror(code)};
  }
  HttpAnswer answer;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  answer.body = handle_->body;
  curl_off_t wait_s = 0;  // libcurl reads both forms, seconds and a date
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait_s);
  if (wait_s > 0) answer.retry_after = std::chrono::seconds{wait_s};
  return answer;
}

int HttpClient::perform() {
  curl_multi_add_handle(handle_->multi, handle_->curl);
  int running = 1;
  while (curl_multi_perform(handle_->multi, &running) == CURLM_OK && running != 0 && !stopped_.load())
    curl_multi_poll(handle_->multi, nullptr, 0, kMostPauseMs, nullptr);
  CURLcode code = CURLE_ABORTED_BY_CALLBACK;  // if it has not ended by itself
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(handle_->multi, &left)) {
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  }
  curl_multi_remove_handle(handle_->multi, handle_->curl);
  return code;
}

}  // namespace waybill::exporters
