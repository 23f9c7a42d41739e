#include "waybill/cli/server_client.h"

#include <httplib.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

namespace waybill::cli {
namespace {

constexpr const char* kDefaultUrl = "http://127.0.0.1:4318";
constexpr time_t kSecondsToConnect = 5;
constexpr time_t kSecondsToAnswer = 60;
constexpr std::size_t kLargestAnswer = std::size_t{256} << 20U;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

std::string url_of(const ServerOptions& options) {
  if (!options.url.empty()) return options.url;
  const std::string url = variable("WAYBILL_SERVER");
  return url.empty() ? kDefaultUrl : url;
}

// What may stand in a header or an address: nothing that ends a line, or is invisible.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char letter) { return letter > 0x20 && letter < 0x7f; });
}

// Where the host and port of a URL end; npos: it is none that can be asked.
std::size_t end_of_origin(const std::string& url) {
  const std::size_t scheme = url.starts_with("https://") ? 8 : 7;
  const bool is_http = url.starts_with("http://") || url.starts_with("https://");
  const std::size_t end = std::min(url.find('/', scheme), url.size());
  const bool is_url =
      is_http && end > scheme && is_plain(url) && url.find_first_of("@?#") == std::string::npos;
  return is_url ? end : std::string::npos;
}

Error wrong_url(const std::string& url) {
  return {Error::Code::kUsage,
          "the server's address must be http://HOST:PORT or https://HOST:PORT, but is \"" +
              fit_for_terminal(url) + '"'};
}

Expected<std::string> token_of(const ServerOptions& options) {
  std::string token = variable("WAYBILL_SERVER_TOKEN");
  if (!options.token_file.empty()) {
    std::ifstream file{options.token_file};
    const std::string name = fit_for_terminal(options.token_file);
    if (!file) return Error{Error::Code::kUsage, "cannot read " + name + ": " + std::strerror(errno)};
    if (!(file >> token)) return Error{Error::Code::kUsage, "there is no token in " + name};
  }
  if (!is_plain(token))
    return Error{Error::Code::kUsage, "the token must have letters, digits and signs only, and has others"};
  return token;
}

std::string reason_of(httplib::Error error) {
  switch (error) {
    case httplib::Error::ConnectionTimeout:
      return "nobody answers there";
    case httplib::Error::Read:
    case httplib::Error::Write:
      return "the connection ended before the answer was there";
    case httplib::Error::Canceled:
      return "the answer is larger than 256 MiB";
    case httplib::Error::SSLConnection:
      return "it does not speak TLS";
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return "its certificate is not trusted";
    default:
      return "nobody listens there";
  }
}

// A server that closes the connection shall be an error here, not this process's end.
class IgnoreBrokenPipe {
 public:
  IgnoreBrokenPipe() : before_{std::signal(SIGPIPE, SIG_IGN)} {}
  ~IgnoreBrokenPipe() { std::signal(SIGPIPE, before_); }
  IgnoreBrokenPipe(const IgnoreBrokenPipe&) = delete;
  IgnoreBrokenPipe& operator=(const IgnoreBrokenPipe&) = delete;

 private:
  void (*before_)(int);
};

httplib::Result get(const std::string& origin, const std::string& path, const Question& question,
                    const std::string& token, std::string& body) {
  const IgnoreBrokenPipe ignore;
  httplib::Client client{origin};
  client.set_connection_timeout(kSecondsToConnect);
  client.set_read_timeout(kSecondsToAnswer);
  if (!token.empty()) client.set_bearer_token_auth(token);
  const httplib::Params parameters{question.parameters.begin(), question.parameters.end()};
  return client.Get(path + "/api/v1" + question.path, parameters, httplib::Headers{},
                    [&](const char* bytes, std::size_t size) {
                      body.append(bytes, size);
                      return body.size() <= kLargestAnswer;
                    });
}

}  // namespace

Expected<ServerClient> ServerClient::create(const ServerOptions& options) {
  std::string url = url_of(options);
  while (url.ends_with('/')) url.pop_back();
  const std::size_t end = end_of_origin(url);
  if (end == std::string::npos) return wrong_url(url_of(options));
  const Expected<std::string> token = token_of(options);
  if (!token) return token.error();
  return ServerClient{url.substr(0, end), url.substr(end), *token};
}

Expected<Answer> ServerClient::ask(const Question& question) const {
  Answer answer;
  const httplib::Result result = get(origin_, path_, question, token_, answer.body);
  if (!result) {
    return Error{Error::Code::kNetwork, "cannot ask " + url() + ": " + reason_of(result.error()) +
                                            ". Is `waybill server` running? --server URL says where"};
  }
  answer.json = Json::parse(answer.body, nullptr, false);
  if (result->status == 200 && answer.json.is_object()) return answer;
  return refusal(result->status, answer.json);
}

Error ServerClient::refusal(int status, const Json& body) const {
  const std::string why = text_at(body, "error");
  if (status == 401) {
    return {Error::Code::kNetwork,
            url() + (token_.empty() ? " needs a token: --token-file FILE, or WAYBILL_SERVER_TOKEN"
                                    : " takes another token than this one")};
  }
  if (why.empty()) {
    return {Error::Code::kNetwork, url() + " is no `waybill server`: its answer, with HTTP status " +
                                       std::to_string(status) +
                                       ", is none of such a server. --server URL says where it is"};
  }
  if (status == 400) return {Error::Code::kUsage, why};
  if (status == 404) return {Error::Code::kNotFound, why};
  return {Error::Code::kNetwork, url() + " refuses to answer: " + why};
}

}  // namespace waybill::cli
