#include "waybill/serve/command_line.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <utility>

#include "waybill/brokers/own_client.h"

namespace waybill::serve {
namespace {

constexpr std::uint64_t kLeastBytes = 16 << 20;

std::filesystem::path default_store() {
  if (geteuid() == 0) return "/var/lib/waybill";
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/')
    return std::filesystem::path{data} / "waybill";
  const char* home = std::getenv("HOME");
  return std::filesystem::path{home == nullptr ? "/tmp" : home} / ".local/share/waybill";
}

// Beside the program: in the build folder, or where it is installed (lib/waybill and share/waybill/web).
std::filesystem::path find_pages() {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  if (error) return {};
  for (const char* place : {"../pages", "../../share/waybill/web"})
    if (std::filesystem::exists(folder / place / "index.html", error))
      return (folder / place).lexically_normal();
  return {};
}

Error cannot_read(const char* option, const std::filesystem::path& file) {
  return {Error::Code::kIo,
          std::string{option} + ": cannot read " + file.string() + ": " + std::strerror(errno)};
}

Expected<std::string> read_token(const std::filesystem::path& file) {
  if (file.empty()) return std::string{};
  std::ifstream text{file};
  std::string token;
  if (!text) return cannot_read("--token-file", file);
  text >> token;
  if (token.size() < 16)
    return Error{Error::Code::kInvalidSetting, "--token-file: the token in " + file.string() +
                                                   " must have at least 16 characters, but has " +
                                                   std::to_string(token.size())};
  return token;
}

// librdkafka's properties, NAME=VALUE in each line; a line that begins with # says nothing.
Expected<brokers::Properties> read_properties(const std::filesystem::path& file) {
  brokers::Properties properties;
  if (file.empty()) return properties;
  std::ifstream lines{file};
  if (!lines) return cannot_read("--kafka-config", file);
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error{Error::Code::kInvalidSetting, "--kafka-config: line " + std::to_string(number) + " of " +
                                                     file.string() + " must be NAME=VALUE"};
    properties.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
  return properties;
}

void describe_listening(CLI::App& app, Options& options) {
  app.add_option("--host", options.host,
                 "The address to listen on; one that is not this machine's own needs --token-file")
      ->type_name("ADDRESS")
      ->capture_default_str();
  app.add_option("--port", options.port, "The port of OTLP over HTTP, of the questions and the pages; 0: any")
      ->check(CLI::Range(0, 65535))
      ->type_name("PORT")
      ->capture_default_str();
  app.add_option("--grpc-port", options.grpc_port, "The port of OTLP over gRPC; 0: any, -1: none")
      ->check(CLI::Range(-1, 65535))
      ->type_name("PORT")
      ->capture_default_str();
  app.add_option("--token-file", options.token_file,
                 "A file with the token that whoever sends or asks must know")
      ->type_name("FILE");
  app.add_option("--pages", options.pages, "The built web pages (default: beside the program)")
      ->type_name("DIR");
}

void describe_store(CLI::App& app, Options& options) {
  app.add_option("--store", options.store,
                 "Where telemetry is kept (default: " + default_store().string() + ")")
      ->type_name("DIR");
  app.add_option("--max-size", options.max_bytes, "What is oldest goes when the store is larger: 500MB, 4GB")
      ->transform(CLI::AsSizeValue(false))
      ->type_name("SIZE")
      ->default_str("4GB");
  const std::map<std::string, std::uint64_t> units{{"s", 1}, {"m", 60}, {"h", 3'600}, {"d", 86'400}};
  app.add_option("--max-age", options.max_age_s, "What is older goes: 12h, 7d")
      ->transform(CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::CASE_SENSITIVE, "AGE"))
      ->type_name("AGE")
      ->default_str("7d");
  app.add_option("--import", options.imports,
                 "Read OTLP's JSON lines first, as OTEL_TRACES_EXPORTER=otlp_file writes them")
      ->type_name("FILE")
      ->allow_extra_args(false);
}

}  // namespace

void describe(CLI::App& app, Options& options) {
  describe_listening(app, options);
  describe_store(app, options);
  app.add_option(
         "--kafka", options.kafka,
         "Ask these brokers, too: how far logs reach, what groups have committed, whether a record is there. "
         "Nothing is written there")
      ->type_name("HOST:PORT,…");
  app.add_option("--kafka-config", options.kafka_config,
                 "A file with librdkafka's properties for that, NAME=VALUE in a line")
      ->type_name("FILE");
}

Expected<server::ServerConfig> finalize(const Options& options) {
  if (options.max_bytes < kLeastBytes)
    return Error{Error::Code::kInvalidSetting,
                 "--max-size must be at least 16MB, but is " + std::to_string(options.max_bytes) + " bytes"};
  if (options.max_age_s < 60)
    return Error{Error::Code::kInvalidSetting,
                 "--max-age must be at least 1m, but is " + std::to_string(options.max_age_s) + " s"};
  const Expected<std::string> token = read_token(options.token_file);
  if (!token) return token.error();
  const Expected<brokers::Properties> properties = read_properties(options.kafka_config);
  if (!properties) return properties.error();
  server::ServerConfig config;
  config.host = options.host;
  config.port = options.port;
  config.grpc_port = options.grpc_port;
  config.token = *token;
  config.pages = options.pages.empty() ? find_pages() : options.pages;
  config.store.folder = options.store.empty() ? default_store() : options.store;
  config.store.max_bytes = options.max_bytes;
  config.store.max_age = std::chrono::seconds{options.max_age_s};
  config.brokers = {options.kafka, *properties};
  return config;
}

}  // namespace waybill::serve
