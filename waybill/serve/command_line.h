#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "waybill/server/server.h"
#include "waybill/support/expected.h"

namespace CLI {
class App;
}

namespace waybill::serve {

// What the command line says, as it stands there.
struct Options {
  std::string host = "127.0.0.1";
  int port = 4318;
  int grpc_port = 4317;
  std::filesystem::path token_file;
  std::filesystem::path store;
  std::uint64_t max_bytes = std::uint64_t{4} << 30U;
  std::uint64_t max_age_s = std::uint64_t{7} * 24 * 3600;
  std::string kafka;
  std::filesystem::path kafka_config;
  std::filesystem::path pages;
  std::vector<std::filesystem::path> imports;
};

void describe(CLI::App& app, Options& options);

// Reads the files that the options name. The error names the option, the file, and what is wrong with it.
Expected<server::ServerConfig> finalize(const Options& options);

}  // namespace waybill::serve
