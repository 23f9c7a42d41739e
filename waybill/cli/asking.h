#pragma once

#include <string>

#include "waybill/cli/answer_reader.h"
#include "waybill/cli/screen.h"
#include "waybill/cli/server_client.h"
#include "waybill/cli/time_window.h"
#include "waybill/support/expected.h"

namespace CLI {
class App;
}

namespace waybill::cli {

// What all commands have in common that ask a running `waybill server`.

struct AskOptions {
  ServerOptions server;
  bool json = false;
};

// Adds --server, --token-file and --json to a command, and --from, --to and --last.
void describe_asking(CLI::App& command, AskOptions& options);
void describe_window(CLI::App& command, WindowOptions& options);

// The error says what is wrong with a time.
Expected<void> add_window(Question& question, const WindowOptions& options);

Expected<Answer> ask(const AskOptions& options, const Question& question);

using TextOf = std::string (*)(const Json& answer, const Screen& screen);

// The answer on stdout, as a text or as it came; an error on stderr, behind the command's name. Returns the
// exit code.
int print(const std::string& command, const AskOptions& options, const Expected<Answer>& answer,
          TextOf text_of);
int fail(const std::string& command, const Error& error);

}  // namespace waybill::cli
