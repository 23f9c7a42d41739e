#include "waybill/exporters/prometheus_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <semaphore>
#include <thread>
#include <utility>

#include "waybill/exporters/gzip.h"

namespace waybill::exporters {
namespace {

constexpr std::size_t kThreads = 2;
constexpr std::ptrdiff_t kMostConnections = 16;
constexpr std::chrono::seconds kPatience{2};  // with a client that does not go on

// Lets no more connections in than it can serve soon: the others wait where they take no memory of ours.
class BoundedPool final : public httplib::ThreadPool {
 public:
  BoundedPool() : ThreadPool{kThreads} {}

  void enqueue(std::function<void()> serve) override {
    places_.acquire();
    ThreadPool::enqueue([this, serve = std::move(serve)] {
      serve();
      places_.release();
    });
  }

 private:
  std::counting_semaphore<kMostConnections> places_{kMostConnections};
};

// Without SO_REUSEPORT, which the library would set: two processes would share the port, and each question
// would go to one of them.
void set_options(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

// "localhost" may be two addresses, and another process may have the port at the other one.
std::string address_of(const std::string& host) { return host == "localhost" ? "127.0.0.1" : host; }

std::string url_of(const std::string& host, int port) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return "http://" + (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port) + "/metrics";
}

bool accepts(const httplib::Request& request, const char* header, const char* wanted) {
  return request.get_header_value(header).find(wanted) != std::string::npos;
}

void answer(const PrometheusServer::Page& page, const httplib::Request& request,
            httplib::Response& response) {
  const bool is_open = accepts(request, "Accept", "application/openmetrics-text");
  const PrometheusFormat format = is_open ? PrometheusFormat::kOpenMetrics : PrometheusFormat::kText;
  std::string text = page(format);
  // The library packs the plain text itself, and nothing that it does not know.
  if (is_open && accepts(request, "Accept-Encoding", "gzip")) {
    text = gzip(text);
    response.set_header("Content-Encoding", "gzip");
  }
  response.set_header("Vary", "Accept, Accept-Encoding");
  response.set_content(text, content_type(format));
}

struct sigaction action_of_sigpipe() {
  struct sigaction action {};
  sigaction(SIGPIPE, nullptr, &action);
  return action;
}

}  // namespace

// The library ignores SIGPIPE for the whole process, which may be the application's: that has its own way.
// The server's threads have the signal blocked there, and Waybill's own programs ignore it themselves.
struct PrometheusServer::Implementation {
  Implementation() { sigaction(SIGPIPE, &before, nullptr); }

  struct sigaction before = action_of_sigpipe();
  httplib::Server server;
  std::string url;
  std::jthread listener;
};

Expected<std::unique_ptr<PrometheusServer>> PrometheusServer::open(
    const configure::PrometheusSettings& settings, Page page) {
  auto implementation = std::make_unique<Implementation>();
  httplib::Server& server = implementation->server;
  server.new_task_queue = [] { return new BoundedPool; };  // the library owns it
  server.set_socket_options(set_options);
  server.set_keep_alive_max_count(1);
  server.set_keep_alive_timeout(kPatience.count());
  server.set_read_timeout(kPatience);
  server.set_write_timeout(kPatience);
  server.set_payload_max_length(1024);
  server.Get("/metrics", [page = std::move(page)](const auto& request, auto& response) {
    answer(page, request, response);
  });
  server.Get("/", [](const auto&, auto& response) {
    response.set_content("<a href=\"/metrics\">metrics</a>\n", "text/html; charset=utf-8");
  });
  errno = 0;
  const std::string address = address_of(settings.host);
  int port = settings.port;
  const bool is_bound =
      port == 0 ? (port = server.bind_to_any_port(address)) > 0 : server.bind_to_port(address, port);
  if (!is_bound) {
    const char* reason = errno == 0 ? "there is no such address" : std::strerror(errno);
    return Error{Error::Code::kNetwork, settings.host + ":" + std::to_string(settings.port) + ": " + reason};
  }
  implementation->url = url_of(settings.host, port);
  implementation->listener = std::jthread{[&server] { server.listen_after_bind(); }};
  while (!server.is_running()) std::this_thread::yield();  // stop() before that would be lost
  return std::unique_ptr<PrometheusServer>{new PrometheusServer{std::move(implementation)}};
}

PrometheusServer::PrometheusServer(std::unique_ptr<Implementation> implementation)
    : implementation_{std::move(implementation)} {}

PrometheusServer::~PrometheusServer() { close(); }

const std::string& PrometheusServer::url() const { return implementation_->url; }

void PrometheusServer::close() {
  implementation_->server.stop();
  if (implementation_->listener.joinable()) implementation_->listener.join();
}

}  // namespace waybill::exporters
