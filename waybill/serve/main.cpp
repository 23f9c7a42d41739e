// The program behind `waybill server`. It stands apart from `waybill`, so that what runs beside every traced
// program loads no database.

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <string>

#include "waybill/serve/command_line.h"
#include "waybill/server/server.h"
#include "waybill/support/log.h"
#include "waybill/support/version.h"

namespace {

constexpr const char* kExamples =
    "\nExamples:\n"
    "  waybill server\n"
    "  waybill server --kafka localhost:9092 --max-age 2d\n"
    "  waybill server --import spans.jsonl --store ./incident\n"
    "  waybill server --host 0.0.0.0 --token-file /etc/waybill/token\n\n"
    "Programs send there with OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318, which is their default; the "
    "pages\n"
    "are at the same address. waybill explain, trace, lag, flow and loss ask it from a terminal.\n";

constexpr int kFailure = 1;
constexpr int kUsage = 2;

int fail(const std::string& message, int code) {
  std::fprintf(stderr, "waybill server: %s\n", message.c_str());
  return code;
}

sigset_t block_end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int serve(const waybill::serve::Options& options) {
  const auto config = waybill::serve::finalize(options);
  if (!config) return fail(config.error().message, kUsage);
  const sigset_t end_signals = block_end_signals();  // before threads begin, so that they inherit it
  signal(SIGPIPE, SIG_IGN);
  waybill::Log log;
  auto server = waybill::server::Server::start(*config, log);
  if (!server) return fail(server.error().message, kFailure);
  for (const auto& file : options.imports) {
    const auto kept = (*server)->import(file);
    if (!kept) return fail(kept.error().message, kFailure);
    std::fprintf(stderr, "waybill server: %zu lines of %s\n", *kept, file.c_str());
  }
  std::printf("%s\n", (*server)->url().c_str());
  if (const int port = (*server)->grpc_port(); port >= 0)
    std::printf("gRPC %s:%d\n", config->host.c_str(), port);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&end_signals, &signal);
  return 0;
}

}  // namespace

int main(int count, char** values) {
  CLI::App app{"Keep telemetry of Kafka clients and show each message's way, latency, lag, flow and loss"};
  app.name("waybill server");
  app.set_version_flag("--version", std::string{"waybill "} + waybill::kVersion,
                       "Print the version and exit");
  app.footer(kExamples);
  waybill::serve::Options options;
  waybill::serve::describe(app, options);
  try {
    app.parse(count, values);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return fail(error.what() + std::string{"\nTry 'waybill server --help'."}, kUsage);
  }
  return serve(options);
}
