#include "waybill/kafka/context_headers.h"

#include <algorithm>
#include <iterator>
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

// Empty: it does not stand there, or has no value.
std::string_view value_of(const Api& api, const rd_kafka_headers_t* headers, const char* name) {
  const void* value = nullptr;
  std::size_t size = 0;
  if (api.header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR || value == nullptr)
    return {};
  return {static_cast<const char*>(value), size};
}

std::string_view value_of(const Api& api, const rd_kafka_headers_t* headers, const char* name,
                          const char* other_name) {
  const std::string_view value = value_of(api, headers, name);
  return value.empty() ? value_of(api, headers, other_name) : value;
}

void find_trace_context(const Api& api, const rd_kafka_headers_t* headers, FoundContext& found) {
  const void* value = nullptr;
  std::size_t size = 0;
  if (api.header_get_last(headers, kTraceparent, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const context::SpanContext parsed =
      context::parse_traceparent({static_cast<const char*>(value), value == nullptr ? 0 : size});
  if (!parsed.valid()) {
    found.malformed = true;
    return;
  }
  found.message.context = parsed;
  found.message.tracestate = {};
  const std::string_view tracestate = value_of(api, headers, kTracestate);
  if (tracestate.empty()) return;
  if (context::valid_tracestate(tracestate)) {
    found.message.tracestate = tracestate;
  } else {
    found.malformed = true;
  }
}

// Either form, whichever is written; the single header comes first (OpenTelemetry specification, Propagators
// API, B3 Extract).
void find_b3(const Api& api, const rd_kafka_headers_t* headers, FoundContext& found) {
  const void* value = nullptr;
  std::size_t size = 0;
  ParsedB3 parsed;
  if (api.header_get_last(headers, kB3, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR)
    parsed = context::parse_b3({static_cast<const char*>(value), value == nullptr ? 0 : size});
  bool malformed = parsed.outcome == ParsedB3::Outcome::kMalformed;
  if (parsed.outcome != ParsedB3::Outcome::kValid) {
    parsed = context::parse_b3_multi({value_of(api, headers, kB3TraceId, kB3TraceIdLower),
                                      value_of(api, headers, kB3SpanId, kB3SpanIdLower),
                                      value_of(api, headers, kB3Sampled, kB3SampledLower),
                                      value_of(api, headers, kB3Flags, kB3FlagsLower)});
    malformed = malformed || parsed.outcome == ParsedB3::Outcome::kMalformed;
  }
  if (parsed.outcome == ParsedB3::Outcome::kValid) {
    found.message.context = parsed.context;
    found.message.tracestate = {};
  } else if (malformed) {
    found.malformed = true;
  }
}

void find_jaeger(const Api& api, const rd_kafka_headers_t* headers, FoundContext& found) {
  const void* value = nullptr;
  std::size_t size = 0;
  if (api.header_get_last(headers, kUberTraceId, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const context::SpanContext parsed =
      context::parse_jaeger({static_cast<const char*>(value), value == nullptr ? 0 : size});
  if (parsed.valid()) {
    found.message.context = parsed;
    found.message.tracestate = {};
  } else {
    found.malformed = true;
  }
}

void find_baggage(const Api& api, const rd_kafka_headers_t* headers, FoundContext& found) {
  const std::string_view baggage = value_of(api, headers, kBaggage);
  if (baggage.empty()) return;
  if (context::valid_baggage(baggage)) {
    found.message.baggage = baggage;
  } else {
    found.malformed = true;
  }
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
  FoundContext found;
  propagators.for_each([&](Propagator propagator) {
    switch (propagator) {
      case Propagator::kTraceContext:
        return find_trace_context(api, headers, found);
      case Propagator::kB3:
      case Propagator::kB3Multi:
        return find_b3(api, headers, found);
      case Propagator::kJaeger:
        return find_jaeger(api, headers, found);
      case Propagator::kBaggage:
        return find_baggage(api, headers, found);
    }
  });
  return found;
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
