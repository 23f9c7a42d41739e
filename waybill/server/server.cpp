#include "waybill/server/server.h"

#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <mutex>
#include <thread>
#include <utility>

#include "waybill/server/api.h"
#include "waybill/server/flow_minutes.h"
#include "waybill/server/grpc_receiver.h"
#include "waybill/server/http_routes.h"
#include "waybill/server/ingest.h"
#include "waybill/server/jaeger_api.h"
#include "waybill/server/loopback.h"

namespace waybill::server {
namespace {

// A kept connection keeps a thread: of each program that sends there are three. One that sends nothing for a
// while gives it back.
constexpr std::size_t kThreads = 128;
constexpr std::time_t kKeptIdleS = 2;
constexpr std::chrono::seconds kPatience{10};
constexpr std::size_t kSpansReadAtStart = 300'000;
constexpr std::size_t kLookUpsAtOnce = 200;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// Without SO_REUSEPORT, which the library would set: two servers would share the port.
void set_options(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

Expected<void> check(const ServerConfig& config) {
  if (!config.token.empty() || is_loopback(config.host)) return {};
  return Error{Error::Code::kInvalidSetting,
               "a server that others than this machine can reach needs a token, and host is \"" +
                   config.host + "\": give --token-file FILE"};
}

// The signal that a line of OTLP JSON is of.
otlp::Signal signal_of(const std::string& line) {
  const std::string begin = line.substr(0, 64);
  if (begin.find("\"resourceMetrics\"") != std::string::npos) return otlp::Signal::kMetrics;
  if (begin.find("\"resourceLogs\"") != std::string::npos) return otlp::Signal::kLogs;
  return otlp::Signal::kTraces;
}

}  // namespace

struct Server::Parts {
  Parts(ServerConfig of, std::unique_ptr<store::SqliteStore> kept, Log& to)
      : config{std::move(of)},
        log{to},
        store{std::move(kept)},
        flow{*store, FlowMinutes::Limits{}},
        brokers{config.brokers},
        groups{brokers},
        ingest{*store, flow, now_ns},
        api{sources()},
        jaeger{sources()} {}

  Sources sources() {
    return {*store,
            flow,
            brokers,
            groups,
            [this] { return ingest.received(); },
            now_ns,
            started_ns,
            config.store.max_bytes,
            config.store.max_age.count()};
  }

  // Joins what is late with what is in the store, now and then.
  void look_up(const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock{mutex};
    std::condition_variable_any never;
    while (!stop.stop_requested()) {
      never.wait_for(lock, stop, std::chrono::seconds{1}, [] { return false; });
      flow.look_up(kLookUpsAtOnce);
    }
  }

  // Looks who is in which group.
  void watch_groups(const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock{mutex};
    std::condition_variable_any never;
    while (!stop.stop_requested() && brokers.may_ask()) {
      groups.look(now_ns());
      never.wait_for(lock, stop, std::chrono::seconds{3}, [] { return false; });
    }
  }

  ServerConfig config;
  Log& log;
  std::unique_ptr<store::SqliteStore> store;
  FlowMinutes flow;
  BrokerView brokers;
  GroupWatch groups;
  Ingest ingest;
  const std::int64_t started_ns = now_ns();
  Api api;
  JaegerApi jaeger;
  httplib::Server http;
  std::unique_ptr<GrpcReceiver> grpc;  // null: none
  std::jthread joiner;
  std::jthread watcher;
  std::jthread listener;
};

Expected<std::unique_ptr<Server>> Server::start(ServerConfig config, Log& log) {
  if (const Expected<void> checked = check(config); !checked) return checked.error();
  Expected<std::unique_ptr<store::SqliteStore>> store = store::SqliteStore::open(config.store);
  if (!store) return store.error();
  auto parts = std::make_unique<Parts>(std::move(config), std::move(*store), log);
  parts->flow.rebuild(now_ns(), kSpansReadAtStart);
  httplib::Server& http = parts->http;
  http.new_task_queue = [] { return new httplib::ThreadPool{kThreads}; };  // the library owns it
  http.set_socket_options(set_options);
  http.set_tcp_nodelay(true);
  http.set_keep_alive_max_count(1'000'000);
  http.set_keep_alive_timeout(kKeptIdleS);
  http.set_read_timeout(kPatience);
  http.set_write_timeout(kPatience);
  http.set_payload_max_length(parts->config.max_body_bytes);
  const RouteConfig routes{parts->config.token, is_loopback(parts->config.host), parts->config.pages,
                           parts->config.max_body_bytes};
  add_routes(http, routes, parts->ingest, parts->api, parts->jaeger);
  if (parts->config.grpc_port >= 0) {
    const ServerConfig& of = parts->config;
    auto grpc = GrpcReceiver::start({of.host, of.grpc_port, of.token, of.max_body_bytes}, parts->ingest);
    if (!grpc) return grpc.error().with_prefix("--grpc-port");
    parts->grpc = std::move(*grpc);
  }
  errno = 0;
  int& port = parts->config.port;
  const bool is_bound = port == 0 ? (port = http.bind_to_any_port(parts->config.host)) > 0
                                  : http.bind_to_port(parts->config.host, port);
  if (!is_bound) {
    const char* reason = errno == 0 ? "there is no such address" : std::strerror(errno);
    return Error{Error::Code::kNetwork, "cannot listen on " + parts->config.host + ':' +
                                            std::to_string(parts->config.port) + ": " + reason};
  }
  parts->listener = std::jthread{[&http] { http.listen_after_bind(); }};
  while (!http.is_running()) std::this_thread::yield();  // stop() before that would be lost
  parts->joiner = std::jthread{[raw = parts.get()](const std::stop_token& stop) { raw->look_up(stop); }};
  parts->watcher =
      std::jthread{[raw = parts.get()](const std::stop_token& stop) { raw->watch_groups(stop); }};
  return std::unique_ptr<Server>{new Server{std::move(parts)}};
}

Server::Server(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}

Server::~Server() {
  parts_->http.stop();
  parts_->listener = {};
  parts_->joiner = {};
  parts_->watcher = {};
}

std::string Server::url() const {
  const std::string& host = parts_->config.host;
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return "http://" + (is_ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(parts_->config.port);
}

int Server::grpc_port() const { return parts_->grpc == nullptr ? -1 : parts_->grpc->port(); }

Expected<std::size_t> Server::import(const std::filesystem::path& file) {
  std::ifstream lines{file};
  if (!lines) return Error{Error::Code::kIo, "cannot read " + file.string() + ": " + std::strerror(errno)};
  std::size_t kept = 0;
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty()) continue;
    Expected<otlp::Received> received = otlp::read_request(signal_of(line), otlp::Encoding::kJson, line);
    if (!received) {
      parts_->log.warning("import",
                          file.string() + ':' + std::to_string(number) + ": " + received.error().message);
      continue;
    }
    if (const Expected<void> done = parts_->ingest.keep(std::move(*received)); !done) return done.error();
    ++kept;
  }
  if (lines.bad()) return Error{Error::Code::kIo, "cannot read " + file.string() + " to its end"};
  return kept;
}

}  // namespace waybill::server
