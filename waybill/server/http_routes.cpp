#include "waybill/server/http_routes.h"

#include <httplib.h>

#include <cstddef>
#include <memory>
#include <string_view>

#include "waybill/server/loopback.h"
#include "waybill/server/openapi.h"
#include "waybill/server/places.h"

namespace waybill::server {
namespace {

using httplib::Request;
using httplib::Response;

constexpr std::ptrdiff_t kMostBodiesAtOnce = 8;
constexpr std::ptrdiff_t kMostQuestionsAtOnce = 8;

// Pages load nothing from elsewhere, and no other page may show them in a frame.
constexpr const char* kContentSecurityPolicy =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'";

void set(Response& response, Answer answer) {
  response.status = answer.status;
  response.set_header("Cache-Control", "no-store");
  response.set_content(std::move(answer.body), answer.type.c_str());
}

// Answers and ends the connection, because the body that may come was not read: what follows of it would be
// taken for the next request, and whoever wrote it could have hidden one there.
void set_and_close(Response& response, const Answer& answer) {
  response.status = answer.status;
  response.set_header("Cache-Control", "no-store");
  response.set_header("Connection", "close");
  response.set_content_provider(
      answer.body.size(), answer.type.c_str(),
      [body = answer.body](std::size_t from, std::size_t size, httplib::DataSink& sink) {
        sink.write(body.data() + from, size);
        return false;  // the library ends a connection whose answer was broken off
      });
}

// Takes as long for a wrong token as for the right one.
bool is_equal(std::string_view one, std::string_view other) {
  unsigned difference = one.size() == other.size() ? 0 : 1;
  for (std::size_t at = 0; at < one.size(); ++at)
    difference |= static_cast<unsigned char>(one[at]) ^
                  static_cast<unsigned char>(other.empty() ? 0 : other[at % other.size()]);
  return difference == 0;
}

bool has_token(const Request& request, const std::string& token) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string header = request.get_header_value("Authorization");
  return header.starts_with(kBearer) && is_equal(std::string_view{header}.substr(kBearer.size()), token);
}

// A page on another site can have its name resolved to this machine, and then ask as if it came from here.
// Its name is still in the header.
bool is_local_name(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1) == "[::1]";
  return is_loopback(std::string{host.substr(0, host.find(':'))});
}

bool is_data(const std::string& path) { return path.starts_with("/api/") || path.starts_with("/v1/"); }

void check_access(httplib::Server& http, const RouteConfig& config) {
  http.set_pre_routing_handler([config](const Request& request, Response& response) {
    const bool is_stranger =
        config.token.empty() && config.is_loopback && !is_local_name(request.get_header_value("Host"));
    if (is_stranger) {
      set_and_close(response, refuse(403, "this server answers to names of this machine only"));
      return httplib::Server::HandlerResponse::Handled;
    }
    if (!config.token.empty() && is_data(request.path) && !has_token(request, config.token)) {
      response.set_header("WWW-Authenticate", "Bearer");
      set_and_close(response, refuse(401, "this server needs a token: Authorization: Bearer …"));
      return httplib::Server::HandlerResponse::Handled;
    }
    return httplib::Server::HandlerResponse::Unhandled;
  });
}

void refuse_for_now(Response& response, const char* why) {
  response.set_header("Retry-After", "1");
  set_and_close(response, refuse(503, why));
}

void add_otlp(httplib::Server& http, std::size_t max_body_bytes, Ingest& ingest) {
  const auto places = std::make_shared<Places>(kMostBodiesAtOnce);  // of all three
  const auto receive = [&ingest, max_body_bytes, places](otlp::Signal signal) {
    return [&ingest, max_body_bytes, places, signal](const Request& request, Response& response,
                                                     const httplib::ContentReader& read) {
      const Place place{*places};
      if (!place.is_taken()) return refuse_for_now(response, "too many requests at once");
      std::string body;
      const bool is_whole = read([&](const char* bytes, std::size_t size) {
        if (body.size() + size > max_body_bytes) return false;
        body.append(bytes, size);
        return true;
      });
      if (is_whole)
        return set(response, ingest.receive(signal, request.get_header_value("Content-Type"), body));
      ingest.count_request();
      ingest.count_refusal();
      set_and_close(response,
                    refuse(413, "a request may have " + std::to_string(max_body_bytes) + " bytes, unpacked"));
    };
  };
  http.Post("/v1/traces", receive(otlp::Signal::kTraces));
  http.Post("/v1/metrics", receive(otlp::Signal::kMetrics));
  http.Post("/v1/logs", receive(otlp::Signal::kLogs));
  // Of all others the library would read the body into memory, whatever its size.
  const auto refuse_body = [](const Request& request, Response& response, const httplib::ContentReader&) {
    set_and_close(response, refuse(404, "nothing is taken at " + request.path + " but questions (GET)"));
  };
  http.Post(".*", refuse_body);
  http.Put(".*", refuse_body);
  http.Patch(".*", refuse_body);
  http.Delete(".*", refuse_body);
}

void add_api(httplib::Server& http, const Api& api, const JaegerApi& jaeger) {
  http.Get("/api/v1/openapi.yaml", [](const Request&, Response& response) {
    set(response, {200, "application/yaml", kOpenApi});
  });
  const auto places = std::make_shared<Places>(kMostQuestionsAtOnce);  // of both
  const auto ask = [places](const auto& answers) {
    return [&answers, places](const Request& request, Response& response) {
      const Place place{*places};
      if (!place.is_taken()) return refuse_for_now(response, "too many questions at once");
      set(response, answers.answer(request.matches[1].str(), {request.params.begin(), request.params.end()}));
    };
  };
  http.Get(R"(/api/v1(/.*))", ask(api));
  http.Get(R"(/api(/(?:services|operations|traces|dependencies).*))", ask(jaeger));
}

// A view's address is that of the one page, which shows it.
void add_pages(httplib::Server& http, const std::filesystem::path& pages) {
  const std::filesystem::path index = pages / "index.html";
  std::error_code ignored;
  if (pages.empty() || !std::filesystem::exists(index, ignored)) {
    http.Get("/", [](const Request&, Response& response) {
      response.set_content(
          "waybill server: the web pages are not installed. Questions are answered at /api/v1 "
          "(/api/v1/openapi.yaml says which), and by waybill explain, trace, lag, flow and loss.\n",
          "text/plain; charset=utf-8");
    });
    return;
  }
  http.set_mount_point("/", pages.string());
  http.Get(R"(/[^.]*)", [index](const Request& request, Response& response) {
    if (is_data(request.path)) return set(response, refuse(404, "there is nothing at " + request.path));
    std::string page;
    httplib::detail::read_file(index.string(), page);
    response.set_content(page, "text/html; charset=utf-8");
  });
}

}  // namespace

void add_routes(httplib::Server& http, const RouteConfig& config, Ingest& ingest, const Api& api,
                const JaegerApi& jaeger) {
  check_access(http, config);
  http.set_default_headers({{"Content-Security-Policy", kContentSecurityPolicy},
                            {"X-Content-Type-Options", "nosniff"},
                            {"Referrer-Policy", "no-referrer"}});
  add_otlp(http, config.max_body_bytes, ingest);
  add_api(http, api, jaeger);
  add_pages(http, config.pages);
}

}  // namespace waybill::server
