#pragma once

#include <string>

#include "waybill/cli/answer_reader.h"
#include "waybill/cli/screen.h"

// A server's answers (waybill/server/openapi.yaml) as a person reads them. Pure functions.
namespace waybill::cli {

std::string text_of_message(const Json& answer, const Screen& screen);
std::string text_of_trace(const Json& answer, const Screen& screen);
std::string text_of_lag(const Json& answer, const Screen& screen);
std::string text_of_flow(const Json& answer, const Screen& screen);
std::string text_of_loss(const Json& answer, const Screen& screen);

// Several messages that a search found, one in each line, indented.
std::string text_of_messages(const Json& messages, const Screen& screen);

// "failed (message timed out), proved", of a verdict.
std::string text_of_verdict(const Json& verdict, const Screen& screen);

}  // namespace waybill::cli
