#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "waybill/telemetry/span.h"

// What the console's two forms, lines and trees, say alike. Pure functions.
namespace waybill::exporters {

struct ConsoleStyle {
  bool tree = false;    // the spans of a trace one under the other, instead of a line for each
  bool colour = false;  // escape sequences that a terminal obeys
};

// `text` as it may reach a terminal: characters that control it, or the direction of writing, and bytes that
// are no UTF-8 are written as \xNN.
std::string escaped(std::string_view text);

// "22:13:20.123456Z", and "2.000 ms".
std::string time_of_day(std::uint64_t unix_ns);
std::string milliseconds(std::uint64_t ns);

// How long the span lasted; 0 when its clock went back.
std::uint64_t duration_ns(const telemetry::Span& span);

// " partition=3 offset=1234": where it was, or how many messages it had.
std::string place_of(const telemetry::Span& span);

// " error=TYPE (description)", marked on a terminal. Empty: nothing failed.
std::string failure_of(const telemetry::Span& span, ConsoleStyle style);

// A span's name, and what matters less, as a terminal shows them.
std::string emphasised(const std::string& text, ConsoleStyle style);
std::string dimmed(const std::string& text, ConsoleStyle style);

}  // namespace waybill::exporters
