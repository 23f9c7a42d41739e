#pragma once

#include <string>
#include <utility>
#include <vector>

#include "waybill/cli/answer_reader.h"
#include "waybill/support/expected.h"

namespace waybill::cli {

// Where the server is, as the command line says it; the rest is in the environment.
struct ServerOptions {
  std::string url;         // empty: WAYBILL_SERVER, or where a server of this machine listens
  std::string token_file;  // empty: WAYBILL_SERVER_TOKEN
};

struct Question {
  std::string path;  // "/lag"
  std::vector<std::pair<std::string, std::string>> parameters;

  void add(const std::string& name, const std::string& value) { parameters.emplace_back(name, value); }
};

struct Answer {
  std::string body;  // as it came
  Json json;         // an object
};

// Asks a running `waybill server`. Follows no redirection, so a token goes nowhere else. Owned by one thread.
class ServerClient {
 public:
  // The error says what is wrong with the address or the token.
  static Expected<ServerClient> create(const ServerOptions& options);

  // Waits a minute at most. The error says why there is no answer, and what to do: kUsage where the server
  // does not understand the question, kNotFound where it knows nothing of what is asked for, else kNetwork.
  Expected<Answer> ask(const Question& question) const;

 private:
  ServerClient(std::string origin, std::string path, std::string token)
      : origin_{std::move(origin)}, path_{std::move(path)}, token_{std::move(token)} {}

  std::string url() const { return origin_ + path_; }
  Error refusal(int status, const Json& body) const;

  std::string origin_;  // scheme, host and port
  std::string path_;    // in front of the API's own; empty, or begins with a slash
  std::string token_;   // empty: none
};

}  // namespace waybill::cli
