#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "waybill/analysis/latency_histogram.h"
#include "waybill/analysis/message_way.h"
#include "waybill/analysis/span_ref.h"
#include "waybill/analysis/verdict.h"
#include "waybill/evidence/span.h"
#include "waybill/store/store.h"

// Values of analysis as openapi.yaml has them: times and durations in milliseconds, null for what is not
// known.
namespace waybill::server {

using Json = nlohmann::ordered_json;

inline double ms_of(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

inline Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json json_of(const store::Window& window);
Json json_of(const analysis::SpanRef& ref);
Json json_of(const analysis::MessageName& name);
Json json_of(const analysis::Verdict& verdict);
Json json_of(const std::optional<analysis::Percentiles>& percentiles);

// What a span says of its message.
analysis::MessageName name_of(const evidence::Span& span);

std::string name_of(evidence::SpanKind kind);
std::string name_of(evidence::Operation operation);
std::string name_of(evidence::Persistence persistence);
std::string name_of(evidence::Presence presence);

}  // namespace waybill::server
