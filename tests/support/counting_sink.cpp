// counting-sink: an OTLP/HTTP receiver that counts spans and keeps nothing of them but their ids: for tests
// and measurements with millions. GET /counts answers, for each service.name and process.pid, how many spans
// of each operation came, how many distinct ones, how many failed or unfinished. Prints its address.

#include <httplib.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "wire.h"

namespace {

using Json = nlohmann::ordered_json;

struct Counts {
  std::vector<std::uint64_t> ids;
  std::uint64_t errors = 0;
  std::uint64_t unfinished = 0;

  Json to_json() {
    std::sort(ids.begin(), ids.end());
    const auto end = std::unique(ids.begin(), ids.end());
    const auto distinct = static_cast<std::size_t>(end - ids.begin());
    const std::size_t repeated = repeated_ + ids.size() - distinct;
    ids.erase(end, ids.end());
    repeated_ = repeated;
    return {{"distinct", distinct}, {"repeated", repeated}, {"errors", errors}, {"unfinished", unfinished}};
  }

 private:
  std::size_t repeated_ = 0;
};

struct Host {
  std::string service;
  std::int64_t pid = 0;

  bool operator<(const Host& other) const {
    return std::tie(service, pid) < std::tie(other.service, other.pid);
  }
};

class Sink {
 public:
  // False: the body is no request.
  bool receive(std::string_view body) {
    const std::scoped_lock lock{mutex_};
    ++requests_;
    WireReader request{body};
    while (request.next()) {
      if (request.number == 1 && !resource_spans(request.bytes)) return false;
    }
    return !request.malformed;
  }

  std::string counts() {
    const std::scoped_lock lock{mutex_};
    Json hosts = Json::array();
    for (auto& [host, operations] : hosts_) {
      Json one{{"service", host.service}, {"pid", host.pid}};
      for (auto& [name, counts] : operations) one["operations"][name] = counts.to_json();
      hosts.push_back(one);
    }
    return Json{{"requests", requests_}, {"spans", spans_}, {"hosts", hosts}}.dump();
  }

 private:
  static std::string_view attribute_key(std::string_view attribute, std::string_view& value) {
    std::string_view key;
    for (WireReader pair{attribute}; pair.next();) {
      if (pair.number == 1) key = pair.bytes;
      if (pair.number == 2) value = pair.bytes;
    }
    return key;
  }

  static Host host_of(std::string_view resource) {
    Host host;
    for (WireReader fields{resource}; fields.next();) {
      std::string_view value;
      const std::string_view key =
          fields.number == 1 ? attribute_key(fields.bytes, value) : std::string_view{};
      WireReader any{value};
      if (!any.next()) continue;
      if (key == "service.name") host.service = any.bytes;
      if (key == "process.pid") host.pid = static_cast<std::int64_t>(any.value);
    }
    return host;
  }

  bool resource_spans(std::string_view message) {
    Host host;
    for (WireReader fields{message}; fields.next();) {
      if (fields.number == 1) host = host_of(fields.bytes);
    }
    std::map<std::string, Counts, std::less<>>& operations = hosts_[host];
    WireReader fields{message};
    while (fields.next()) {
      if (fields.number != 2) continue;
      WireReader scope_spans{fields.bytes};
      while (scope_spans.next()) {
        if (scope_spans.number == 2 && !span(operations, scope_spans.bytes)) return false;
      }
      if (scope_spans.malformed) return false;
    }
    return !fields.malformed;
  }

  bool span(std::map<std::string, Counts, std::less<>>& operations, std::string_view message) {
    std::uint64_t id = 0;
    std::string_view name;
    bool failed = false;
    bool unfinished = false;
    WireReader fields{message};
    while (fields.next()) {
      if (fields.number == 2 && fields.bytes.size() == sizeof id)
        std::memcpy(&id, fields.bytes.data(), sizeof id);
      if (fields.number == 5) name = fields.bytes.substr(0, fields.bytes.find(' '));
      if (fields.number == 9)
        unfinished = unfinished || fields.bytes.find("waybill.unfinished") != std::string_view::npos;
      if (fields.number == 15) failed = fields.bytes.find("\x18\x02") != std::string_view::npos;
    }
    if (fields.malformed || id == 0) return false;
    auto known = operations.find(name);
    if (known == operations.end()) known = operations.emplace(name, Counts{}).first;
    known->second.ids.push_back(id);
    known->second.errors += failed ? 1 : 0;
    known->second.unfinished += unfinished ? 1 : 0;
    ++spans_;
    return true;
  }

  std::mutex mutex_;
  std::uint64_t requests_ = 0;
  std::uint64_t spans_ = 0;
  std::map<Host, std::map<std::string, Counts, std::less<>>> hosts_;
};

}  // namespace

int main(int count, char** values) {
  CLI::App app{"An OTLP/HTTP receiver that counts spans, for tests and measurements."};
  CLI11_PARSE(app, count, values);

  Sink sink;
  httplib::Server server;
  server.set_keep_alive_max_count(1'000'000);  // as receivers do: one connection for as long as it lasts
  // A kept connection keeps a thread: a program has one for each signal, and one that asks for the counts
  // comes besides.
  server.new_task_queue = [] { return new httplib::ThreadPool(8); };
  server.set_payload_max_length(std::size_t{1} << 30U);
  server.Post("/v1/traces", [&](const httplib::Request& request, httplib::Response& response) {
    if (!sink.receive(request.body)) response.status = 400;
  });
  // Metrics and log records are welcome, and not counted.
  server.Post("/v1/metrics", [](const httplib::Request&, httplib::Response&) {});
  server.Post("/v1/logs", [](const httplib::Request&, httplib::Response&) {});
  server.Get("/counts", [&](const httplib::Request&, httplib::Response& response) {
    response.set_content(sink.counts(), "application/json");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::printf("http://127.0.0.1:%d\n", port);
  std::fflush(stdout);
  server.listen_after_bind();
  return 0;
}
