#include "waybill/exporters/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>

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
  auto& body = static_cast<HttpAnswer*>(target)->body;
  body.append(data, std::min(size, kMostOfAnswer - std::min(kMostOfAnswer, body.size())));
  return size;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Called with one line at a time, first with the status, and after the body with what follows it. An interim
// answer has a status line of its own.
std::size_t keep_header(char* data, std::size_t, std::size_t size, void* target) {
  auto& headers = static_cast<HttpAnswer*>(target)->headers;
  const std::string_view line{data, size};
  const std::size_t colon = line.find(':');
  if (line.starts_with("HTTP/")) {
    headers.clear();
  } else if (colon != std::string_view::npos) {
    std::size_t kept = size;
    for (const auto& [name, value] : headers) kept += name.size() + value.size();
    if (kept > kMostOfAnswer) return size;
    std::string name{trimmed(line.substr(0, colon))};
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char character) { return static_cast<char>(std::tolower(character)); });
    headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  }
  return size;
}

// The caller frees the list.
curl_slist* list_of(const HttpHeaders& headers) {
  // No waiting for "100 Continue": receivers of OTLP do not send it.
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : headers) {
    std::string line = name;
    line += value.empty() ? ";" : ": ";
    line += value;
    list = curl_slist_append(list, line.c_str());
  }
  return list;
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
  curl_slist* headers = nullptr;  // of the last request
  HttpAnswer answer;
  char error[CURL_ERROR_SIZE] = {};

  ~Handle() {
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_multi_cleanup(multi);
  }
};

HttpClient::HttpClient(const std::string& url, const configure::TlsFiles& tls, HttpVersion version)
    : url_{url}, tls_{tls}, version_{version}, handle_{std::make_unique<Handle>()} {
  make_curl_ready();
  handle_->multi = curl_multi_init();
  curl_multi_setopt(handle_->multi, CURLMOPT_MAXCONNECTS, 1L);
  prepare();
}

// Makes a transfer that knows nothing of the one before, and connects anew.
void HttpClient::prepare() {
  curl_easy_cleanup(handle_->curl);
  CURL* curl = handle_->curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  if (version_ == HttpVersion::kTwo)
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE));
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  set_unless_empty(curl, CURLOPT_CAINFO, tls_.certificate);
  set_unless_empty(curl, CURLOPT_SSLCERT, tls_.client_certificate);
  set_unless_empty(curl, CURLOPT_SSLKEY, tls_.client_key);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &handle_->answer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, keep_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &handle_->answer);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, handle_->error);
  curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);  // a name server that does not answer is not waited for
}

// libcurl 7.88 cannot begin a plain connection with HTTP/2 and then use it again: it would greet once more.
// Asked for HTTP/2 without that it goes on. Should the connection have ended, it asks the receiver to change
// from HTTP/1.1, which one that speaks HTTP/2 alone refuses: then the next try connects anew.
void HttpClient::prepare_to_go_on() {
  curl_easy_setopt(handle_->curl, CURLOPT_FRESH_CONNECT, 0L);
  if (version_ == HttpVersion::kTwo)
    curl_easy_setopt(handle_->curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2_0));
}

HttpClient::~HttpClient() = default;

void HttpClient::stop() {
  stopped_.store(true);
  curl_multi_wakeup(handle_->multi);
}

Expected<HttpAnswer> HttpClient::post(const HttpRequest& request) {
  if (stopped_.load()) return Error{Error::Code::kNetwork, "stopped"};
  CURL* curl = handle_->curl;
  handle_->answer = {};
  handle_->error[0] = '\0';
  curl_slist_free_all(handle_->headers);
  handle_->headers = list_of(request.headers);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, handle_->headers);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(request.timeout.count())));
  const auto code = static_cast<CURLcode>(perform());
  if (stopped_.load() && code == CURLE_ABORTED_BY_CALLBACK) return Error{Error::Code::kNetwork, "stopped"};
  if (code != CURLE_OK) {
    const std::string reason = handle_->error[0] != '\0' ? handle_->error : curl_easy_strerror(code);
    prepare();
    return Error{Error::Code::kNetwork, reason};
  }
  long spoken = 0;
  curl_easy_getinfo(curl, CURLINFO_HTTP_VERSION, &spoken);
  if (version_ == HttpVersion::kTwo && spoken != CURL_HTTP_VERSION_2_0) {
    prepare();
    return Error{Error::Code::kNetwork, "it does not speak HTTP/2"};
  }
  prepare_to_go_on();
  return take_answer();
}

HttpAnswer HttpClient::take_answer() {
  HttpAnswer answer = std::move(handle_->answer);
  curl_easy_getinfo(handle_->curl, CURLINFO_RESPONSE_CODE, &answer.status);
  curl_off_t wait_s = 0;  // libcurl reads both forms, seconds and a date
  curl_easy_getinfo(handle_->curl, CURLINFO_RETRY_AFTER, &wait_s);
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
