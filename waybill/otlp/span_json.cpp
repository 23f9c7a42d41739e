#include "waybill/otlp/span_json.h"

#include <absl/strings/escaping.h>
#include <google/protobuf/util/json_util.h>

#include <map>

#include "opentelemetry/proto/trace/v1/trace.pb.h"
#include "waybill/otlp/internal/attributes.h"
#include "waybill/otlp/internal/ids.h"
#include "waybill/otlp/internal/json_ids.h"

namespace waybill::otlp {
namespace {

using internal::AnyValue;
using internal::KeyValues;
using nlohmann::ordered_json;

constexpr int kDeepest = 32;  // of values in values: they come from anybody

ordered_json json_of(const AnyValue& value, int depth);

ordered_json json_of(const KeyValues& attributes, int depth) {
  ordered_json all = ordered_json::object();
  for (const auto& attribute : attributes) all[attribute.key()] = json_of(attribute.value(), depth + 1);
  return all;
}

ordered_json json_of(const AnyValue& value, int depth) {
  if (depth > kDeepest) return nullptr;
  switch (value.value_case()) {
    case AnyValue::kStringValue:
      return value.string_value();
    case AnyValue::kBoolValue:
      return value.bool_value();
    case AnyValue::kIntValue:
      return value.int_value();
    case AnyValue::kDoubleValue:
      return value.double_value();
    case AnyValue::kBytesValue:
      return absl::Base64Escape(value.bytes_value());
    case AnyValue::kKvlistValue:
      return json_of(value.kvlist_value().values(), depth);
    case AnyValue::kArrayValue: {
      ordered_json all = ordered_json::array();
      for (const AnyValue& item : value.array_value().values()) all.push_back(json_of(item, depth + 1));
      return all;
    }
    case AnyValue::VALUE_NOT_SET:
      break;
  }
  return nullptr;
}

ordered_json events_of(const opentelemetry::proto::trace::v1::Span& span) {
  ordered_json all = ordered_json::array();
  for (const auto& event : span.events()) {
    all.push_back({{"name", event.name()},
                   {"time_ms", static_cast<double>(event.time_unix_nano()) / 1e6},
                   {"attributes", json_of(event.attributes(), 0)}});
  }
  return all;
}

}  // namespace

ordered_json span_details(const evidence::Span& span) {
  opentelemetry::proto::trace::v1::Span read;
  opentelemetry::proto::resource::v1::Resource resource;
  // The store gives back what it got, and that was one of these.
  (void)read.ParseFromString(span.body);
  (void)resource.ParseFromString(span.resource);
  ordered_json links = ordered_json::array();
  for (const auto& link : read.links()) links.push_back(json_of(link.attributes(), 0));
  return {{"attributes", json_of(read.attributes(), 0)},
          {"resource", json_of(resource.attributes(), 0)},
          {"events", events_of(read)},
          {"status_message", read.status().message()},
          {"links", links}};
}

std::string traces_data(std::span<const evidence::Span> spans) {
  opentelemetry::proto::trace::v1::TracesData all;
  std::map<std::string_view, opentelemetry::proto::trace::v1::ScopeSpans*> places;
  for (const evidence::Span& span : spans) {
    auto& place = places[span.resource];
    if (place == nullptr) {
      auto* of_resource = all.add_resource_spans();
      (void)of_resource->mutable_resource()->ParseFromString(span.resource);
      place = of_resource->add_scope_spans();
    }
    auto* written = place->add_spans();
    (void)written->ParseFromString(span.body);
    internal::change_ids(*written, internal::to_json_id);
  }
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_enums_as_ints = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(all, &json, options);
  return json;
}

std::string digits_of(const context::TraceId& id) { return internal::hex_of(id); }
std::string digits_of(const context::SpanId& id) { return internal::hex_of(id); }

}  // namespace waybill::otlp
