#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "waybill/server/broker_view.h"
#include "waybill/store/sqlite_store.h"
#include "waybill/support/expected.h"
#include "waybill/support/log.h"

namespace waybill::server {

struct ServerConfig {
  std::string host = "127.0.0.1";
  int port = 4318;       // 0: any that is free
  int grpc_port = 4317;  // 0: any; -1: nothing is taken over gRPC
  // Whoever asks or sends must know it: "Authorization: Bearer TOKEN". Empty: nobody needs one, which is
  // possible on a loopback address only.
  std::string token;
  std::filesystem::path pages;                          // the built web pages; they may be missing
  std::size_t max_body_bytes = std::size_t{20} << 20U;  // of an export request, unpacked
  store::SqliteStoreConfig store;
  BrokerViewConfig brokers;
};

// `waybill server`: takes OTLP over HTTP, keeps it, answers questions about it, and gives out the web pages,
// all on one port. Thread-safe.
class Server {
 public:
  // It serves when this returns. The error says what is wrong with the configuration, or why the port or the
  // store cannot be had. `log` outlives it.
  static Expected<std::unique_ptr<Server>> start(ServerConfig config, Log& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::string url() const;
  int grpc_port() const;  // -1: there is none

  // Reads a file of OTLP's JSON lines (OpenTelemetry, "OTLP File Exporter"), each an export request of any
  // signal, until its end. How many lines were kept; a line that is none is said and passed over. The error:
  // the file cannot be read, or the store failed.
  Expected<std::size_t> import(const std::filesystem::path& file);

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace waybill::server
