#include "waybill/cli/asking.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>

#include "waybill/cli/exit_code.h"

namespace waybill::cli {
namespace {

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// A program gets the server's own bytes. A terminal gets the same in lines, and obeys nothing in them.
std::string json_for_stdout(const Answer& answer) {
  constexpr bool kAsciiOnly = true;
  if (isatty(STDOUT_FILENO) == 0) return answer.body.ends_with('\n') ? answer.body : answer.body + "\n";
  return answer.json.dump(2, ' ', kAsciiOnly, Json::error_handler_t::replace) + "\n";
}

int exit_code_of(const Error& error) {
  switch (error.code) {
    case Error::Code::kUsage:
      return kUsage;
    case Error::Code::kNotFound:
      return kNothingKnown;
    default:
      return kFailure;
  }
}

}  // namespace

void describe_asking(CLI::App& command, AskOptions& options) {
  command
      .add_option("--server", options.server.url,
                  "Where `waybill server` is (default: WAYBILL_SERVER, or http://127.0.0.1:4318)")
      ->type_name("URL");
  command
      .add_option(
          "--token-file", options.server.token_file,
          "A file with the server's token, if it has one (default: the token in WAYBILL_SERVER_TOKEN)")
      ->type_name("FILE");
  command.add_flag("--json", options.json, "Print the server's answer, for programs");
}

void describe_window(CLI::App& command, WindowOptions& options) {
  command
      .add_option("--last", options.last,
                  "How much time to look at, up to now or --to: 15m, 2h, 1d (default: 1h)")
      ->type_name("DURATION");
  command
      .add_option(
          "--from", options.from,
          "From when on: \"2026-11-26 14:05\", with Z or +01:00 for another time zone than this machine's, "
          "14:05 of today, or milliseconds since 1970")
      ->type_name("TIME");
  command.add_option("--to", options.to, "Until when (default: now)")->type_name("TIME");
}

Expected<void> add_window(Question& question, const WindowOptions& options) {
  const Expected<TimeWindow> window = finalize(options, now_ms());
  if (!window) return window.error();
  if (window->from_ms) question.add("from", std::to_string(*window->from_ms));
  if (window->to_ms) question.add("to", std::to_string(*window->to_ms));
  return {};
}

Expected<Answer> ask(const AskOptions& options, const Question& question) {
  const Expected<ServerClient> client = ServerClient::create(options.server);
  if (!client) return client.error();
  return client->ask(question);
}

int print(const std::string& command, const AskOptions& options, const Expected<Answer>& answer,
          TextOf text_of) {
  if (!answer) return fail(command, answer.error());
  const std::string text =
      options.json ? json_for_stdout(*answer) : text_of(answer->json, Screen::of_stdout());
  const bool is_written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return is_written ? kSuccess : fail(command, {Error::Code::kIo, "cannot write to stdout"});
}

int fail(const std::string& command, const Error& error) {
  const int code = exit_code_of(error);
  std::fprintf(stderr, "waybill %s: %s\n", command.c_str(), error.message.c_str());
  if (code == kUsage) std::fprintf(stderr, "Try 'waybill %s --help'.\n", command.c_str());
  return code;
}

}  // namespace waybill::cli
