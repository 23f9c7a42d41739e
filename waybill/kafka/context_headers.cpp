#include "waybill/kafka/context_headers.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>

#include "waybill/context/baggage.h"
#include "waybill/context/tracestate.h"

namespace waybill::kafka {
namespace {

using context::ParsedB3;
using context::Propagator;
using context::Propagators;

// Kafka's headers are exact names. Some libraries write those of B3 in lower case: both are read, the
// specification's are written.
constexpr char kTraceparent[] = "traceparent";
constexpr char kTracestate[] = "tracestate";
constexpr char kBaggage[] = "baggage";
constexpr char kUberTraceId[] = "uber-trace-id";
constexpr char kB3[] = "b3";
constexpr char kB3TraceId[] = "X-B3-TraceId";
constexpr char kB3SpanId[] = "X-B3-SpanId";
constexpr char kB3Sampled[] = "X-B3-Sampled";
constexpr char kB3Flags[] = "X-B3-Flags";
constexpr char kB3TraceIdLower[] = "x-b3-traceid";
constexpr char kB3SpanIdLower[] = "x-b3-spanid";
constexpr char kB3SampledLower[] = "x-b3-sampled";
constexpr char kB3FlagsLower[] = "x-b3-flags";

constexpr const char* kTraceContextNames[] = {kTraceparent, kTracestate};
constexpr const char* kB3Names[] = {kB3,
                                    kB3TraceId,
                                    kB3SpanId,
                                    kB3Sampled,
                                    kB3Flags,
                                    "X-B3-ParentSpanId",
                                    kB3TraceIdLower,
                                    kB3SpanIdLower,
                                    kB3SampledLower,
                                    kB3FlagsLower,
                                    "x-b3-parentspanid"};

template <std::size_t Count>
bool is_among(std::string_view name, const char* const (&names)[Count]) {
  return std::any_of(std::begin(names), std::end(names), [&](const char* one) { return name == one; });
}

// The headers of a message, and those that came by another way: both give the last value of a name. Null: it
// does not stand there.
struct RecordHeaders {
  const Api& api;
  const rd_kafka_headers_t* list;

  std::optional<std::string_view> last(const char* name) const {
    const void* value = nullptr;
    std::size_t size = 0;
    if (api.header_get_last(list, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
    return std::string_view{static_cast<const char*>(value), value == nullptr ? 0 : size};
  }
};

constexpr char to_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
}

struct PlainHeaders {
  std::span<const PlainHeader> list;

  std::optional<std::string_view> last(const char* name) const {
    for (std::size_t left = list.size(); left > 0; --left) {
      const PlainHeader& header = list[left - 1];
      const bool is_named = std::equal(header.name.begin(), header.name.end(), name, name + std::strlen(name),
                                       [](char one, char other) { return to_lower(one) == to_lower(other); });
      if (is_named) return header.value;
    }
    return std::nullopt;
  }
};

// Empty: it does not stand there, or has no value.
template <typename Headers>
std::string_view value_of(const Headers& headers, const char* name) {
  return headers.last(name).value_or(std::string_view{});
}

template <typename Headers>
std::string_view value_of(const Headers& headers, const char* name, const char* other_name) {
  const std::string_view value = value_of(headers, name);
  return value.empty() ? value_of(headers, other_name) : value;
}

template <typename Headers>
void find_trace_context(const Headers& headers, FoundContext& found) {
  const std::optional<std::string_view> traceparent = headers.last(kTraceparent);
  if (!traceparent) return;
  const context::SpanContext parsed = context::parse_traceparent(*traceparent);
  if (!parsed.valid()) {
    found.malformed = true;
    return;
  }
  found.message.context = parsed;
  found.message.tracestate = {};
  const std::string_view tracestate = value_of(headers, kTracestate);
  if (tracestate.empty()) return;
  if (context::valid_tracestate(tracestate)) {
    found.message.tracestate = tracestate;
  } else {
    found.malformed = true;
  }
}

// Either form, whichever is written; the single header comes first (OpenTelemetry specification, Propagators
// API, B3 Extract).
template <typename Headers>
void find_b3(const Headers& headers, FoundContext& found) {
  ParsedB3 parsed;
  if (const std::optional<std::string_view> single = headers.last(kB3)) parsed = context::parse_b3(*single);
  bool malformed = parsed.outcome == ParsedB3::Outcome::kMalformed;
  if (parsed.outcome != ParsedB3::Outcome::kValid) {
    parsed = context::parse_b3_multi(
        {value_of(headers, kB3TraceId, kB3TraceIdLower), value_of(headers, kB3SpanId, kB3SpanIdLower),
         value_of(headers, kB3Sampled, kB3SampledLower), value_of(headers, kB3Flags, kB3FlagsLower)});
    malformed = malformed || parsed.outcome == ParsedB3::Outcome::kMalformed;
  }
  if (parsed.outcome == ParsedB3::Outcome::kValid) {
    found.message.context = parsed.context;
    found.message.tracestate = {};
  } else if (malformed) {
    found.malformed = true;
  }
}

template <typename Headers>
void find_jaeger(const Headers& headers, FoundContext& found) {
  const std::optional<std::string_view> value = headers.last(kUberTraceId);
  if (!value) return;
  const context::SpanContext parsed = context::parse_jaeger(*value);
  if (parsed.valid()) {
    found.message.context = parsed;
    found.message.tracestate = {};
  } else {
    found.malformed = true;
  }
}

template <typename Headers>
void find_baggage(const Headers& headers, FoundContext& found) {
  const std::string_view baggage = value_of(headers, kBaggage);
  if (baggage.empty()) return;
  if (context::valid_baggage(baggage)) {
    found.message.baggage = baggage;
  } else {
    found.malformed = true;
  }
}

template <typename Headers>
FoundContext find_in(const Headers& headers, Propagators propagators) {
  FoundContext found;
  propagators.for_each([&](Propagator propagator) {
    switch (propagator) {
      case Propagator::kTraceContext:
        return find_trace_context(headers, found);
      case Propagator::kB3:
      case Propagator::kB3Multi:
        return find_b3(headers, found);
      case Propagator::kJaeger:
        return find_jaeger(headers, found);
      case Propagator::kBaggage:
        return find_baggage(headers, found);
    }
  });
  return found;
}

}  // namespace

ContextHeaders::ContextHeaders(Propagators propagators, const context::SpanContext& context,
                               std::string_view tracestate, std::string_view baggage) {
  const bool has_context = context.valid();
  propagators.for_each([&](Propagator propagator) {
    switch (propagator) {
      case Propagator::kTraceContext:
        if (!has_context) return;
        format(LoneHeader::kTraceparent, context, traceparent_);
        add(kTraceparent, {traceparent_, sizeof traceparent_});
        if (!tracestate.empty()) add(kTracestate, tracestate);
        return;
      case Propagator::kB3:
        if (!has_context) return;
        format(LoneHeader::kB3, context, b3_);
        add(kB3, {b3_, sizeof b3_});
        return;
      case Propagator::kB3Multi:
        if (has_context) add_b3_multi(context);
        return;
      case Propagator::kJaeger:
        if (!has_context) return;
        format(LoneHeader::kJaeger, context, jaeger_);
        add(kUberTraceId, {jaeger_, sizeof jaeger_});
        return;
      case Propagator::kBaggage:
        if (!baggage.empty()) add(kBaggage, baggage);
        return;
    }
  });
}

void ContextHeaders::add_b3_multi(const context::SpanContext& context) {
  b3_multi_ = context::format_b3_multi(context);
  add(kB3TraceId, {b3_multi_.trace_id, sizeof b3_multi_.trace_id});
  add(kB3SpanId, {b3_multi_.span_id, sizeof b3_multi_.span_id});
  if (b3_multi_.debug) {
    add(kB3Flags, "1");
  } else {
    add(kB3Sampled, {&b3_multi_.sampled, 1});
  }
}

std::size_t ContextHeaders::size_in_record() const {
  std::size_t size = 0;
  for (std::size_t at = 0; at < count_; ++at)
    size += headers_[at].name.size() + headers_[at].value.size() + kHeaderOverhead;
  return size;
}

bool ContextHeaders::add_to(const Api& api, rd_kafka_headers_t* headers) const {
  for (std::size_t at = 0; at < count_; ++at) {
    const auto& [name, value] = headers_[at];
    if (api.header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                       static_cast<ssize_t>(value.size())) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return false;
    }
  }
  return true;
}

FoundContext find_context(const Api& api, const rd_kafka_headers_t* headers, Propagators propagators) {
  return find_in(RecordHeaders{api, headers}, propagators);
}

FoundContext find_context(std::span<const PlainHeader> headers, Propagators propagators) {
  return find_in(PlainHeaders{headers}, propagators);
}

bool has_baggage(const Api& api, const rd_kafka_headers_t* headers) {
  const void* value = nullptr;
  std::size_t size = 0;
  return api.header_get_last(headers, kBaggage, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

bool is_context_header(std::string_view name, Propagators propagators) {
  bool is_one = false;
  propagators.for_each([&](Propagator propagator) {
    switch (propagator) {
      case Propagator::kTraceContext:
        is_one = is_one || is_among(name, kTraceContextNames);
        return;
      case Propagator::kB3:
      case Propagator::kB3Multi:
        is_one = is_one || is_among(name, kB3Names);
        return;
      case Propagator::kJaeger:
        is_one = is_one || name == kUberTraceId;
        return;
      case Propagator::kBaggage:
        is_one = is_one || name == kBaggage;
        return;
    }
  });
  return is_one;
}

void remove_context(const Api& api, rd_kafka_headers_t* headers, Propagators propagators) {
  if (propagators.has(Propagator::kTraceContext)) {
    for (const char* name : kTraceContextNames) api.header_remove(headers, name);
  }
  if (propagators.has(Propagator::kB3) || propagators.has(Propagator::kB3Multi)) {
    for (const char* name : kB3Names) api.header_remove(headers, name);
  }
  if (propagators.has(Propagator::kJaeger)) api.header_remove(headers, kUberTraceId);
}

}  // namespace waybill::kafka
