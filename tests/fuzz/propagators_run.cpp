#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/play.h"
#include "waybill/context/baggage.h"
#include "waybill/context/tracestate.h"
#include "waybill/kafka/context_headers.h"
#include "waybill/kafka/testing/header_list.h"

// An input is a message's headers: a byte that chooses propagators, and for each header a byte that chooses
// its name and a byte that says how long its value is. Whatever stands there, what is read of it keeps the
// specifications' rules, and goes out so that it is read again.
namespace waybill::fuzz {
namespace {

using context::Propagator;
using context::Propagators;
using kafka::FoundContext;
using kafka::testing::Header;
using kafka::testing::HeaderList;
using kafka::testing::linked_api;

constexpr const char* kNames[] = {"traceparent",  "tracestate",  "baggage",          "b3",
                                  "X-B3-TraceId", "X-B3-SpanId", "X-B3-Sampled",     "X-B3-Flags",
                                  "x-b3-traceid", "x-b3-spanid", "x-b3-sampled",     "x-b3-flags",
                                  "application",  "Traceparent", "X-B3-ParentSpanId"};
constexpr std::uint8_t kJaegerName = 255;  // beyond the table, so that what was found keeps its meaning
constexpr std::uint8_t kNull = 255;        // as a length: a null value

void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

Propagators chosen_by(std::uint8_t byte) {
  constexpr std::array kAll{Propagator::kTraceContext, Propagator::kBaggage, Propagator::kB3,
                            Propagator::kB3Multi};
  Propagators propagators;
  // Without a choice among the others Jaeger's is in use, and those that the upper bits choose.
  const bool has_jaeger = (byte & 15U) == 0;
  if (has_jaeger) propagators.add(Propagator::kJaeger);
  const unsigned chosen = has_jaeger ? byte >> 4U : byte & 15U;
  for (unsigned at = 0; at < kAll.size(); ++at) {
    if ((chosen >> at & 1U) != 0) propagators.add(kAll[(at + (byte >> 4U)) % kAll.size()]);
  }
  return propagators;
}

std::vector<Header> headers_of(std::span<const std::uint8_t> bytes) {
  std::vector<Header> headers;
  while (bytes.size() >= 2) {
    const char* name = bytes[0] == kJaegerName ? "uber-trace-id" : kNames[bytes[0] % std::size(kNames)];
    const std::uint8_t length = bytes[1];
    bytes = bytes.subspan(2);
    if (length == kNull) {
      headers.push_back({name, std::nullopt});
      continue;
    }
    // Long values, which the limits are about, are the same bytes again and again.
    const std::size_t size = std::min<std::size_t>(length, bytes.size());
    const std::string part{reinterpret_cast<const char*>(bytes.data()), size};
    std::string value = part;
    while (length >= 128 && !part.empty() && value.size() < std::size_t{length - 127U} * 100) value += part;
    headers.push_back({name, value});
    bytes = bytes.subspan(size);
  }
  return headers;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char one) { return (one >= 0x20 && one < 0x7f) || one == '\t'; });
}

void check_found(const FoundContext& found, Propagators propagators) {
  const auto& message = found.message;
  require(message.context == context::SpanContext{} || message.context.valid(),
          "a context is whole or not there");
  require(!message.context.valid() || propagators.carry_context(),
          "only a chosen propagator reads a context");
  require((message.context.flags & context::kFlagDebug) == 0 || message.context.sampled(),
          "a debug trace is sampled");
  require(message.tracestate.empty() || (message.context.valid() && is_ascii(message.tracestate) &&
                                         message.tracestate.size() <= context::kMaxTracestateLength),
          "a tracestate has its context, is short and printable");
  require(message.baggage.empty() || (is_ascii(message.baggage) && propagators.has(Propagator::kBaggage) &&
                                      message.baggage.size() <= context::kMaxBaggageLength),
          "baggage is short and printable");
}

bool is_written(std::string_view name, Propagators propagators) {
  if (name == "traceparent" || name == "tracestate") return propagators.has(Propagator::kTraceContext);
  if (name == "uber-trace-id") return propagators.has(Propagator::kJaeger);
  const bool is_b3 = name == "b3" || name.starts_with("X-B3-") || name.starts_with("x-b3-");
  return is_b3 && (propagators.has(Propagator::kB3) || propagators.has(Propagator::kB3Multi));
}

std::ptrdiff_t times(const HeaderList& list, std::string_view name) {
  const std::vector<Header> headers = list.all();
  return std::count_if(headers.begin(), headers.end(), [&](const Header& one) { return one.name == name; });
}

// What goes out in the place of what came is read as what was written, and stands once.
void check_written(const HeaderList& list, const FoundContext& found, Propagators propagators) {
  context::SpanContext context = found.message.context;
  const std::string tracestate{found.message.tracestate};
  const std::string baggage{found.message.baggage};
  if (!context.valid()) return;
  if (!propagators.has(Propagator::kB3) && !propagators.has(Propagator::kB3Multi) &&
      !propagators.has(Propagator::kJaeger))
    context.flags &= context::kFlagSampled | context::kFlagRandom;
  kafka::remove_context(linked_api(), list.get(), propagators);
  const kafka::ContextHeaders added{propagators, context, tracestate, {}};
  require(added.add_to(linked_api(), list.get()), "headers can be added");
  for (const Header& header : list.all())
    require(!is_written(header.name, propagators) || times(list, header.name) == 1,
            "a name that we write stands once");
  const FoundContext again = kafka::find_context(linked_api(), list.get(), propagators);
  require(again.message.context.trace_id == context.trace_id &&
              again.message.context.span_id == context.span_id &&
              again.message.context.sampled() == context.sampled(),
          "what was written is read again");
  require(again.message.baggage == baggage, "the message's own baggage stays");
}

}  // namespace

void play(std::span<const std::uint8_t> input) {
  if (input.empty()) return;
  const Propagators propagators = chosen_by(input[0]);
  const HeaderList list{headers_of(input.subspan(1))};
  const FoundContext found = kafka::find_context(linked_api(), list.get(), propagators);
  check_found(found, propagators);
  check_written(list, found, propagators);
}

}  // namespace waybill::fuzz
