#include "waybill/exporters/zipkin_encoder.h"

#include <arpa/inet.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "waybill/exporters/span_text.h"
#include "waybill/support/version.h"

namespace waybill::exporters {
namespace {

using nlohmann::json;
using telemetry::Attribute;
using telemetry::AttributeValue;
using telemetry::Span;

// What may name the other side, the best first, with the port that belongs to it.
struct RemoteName {
  std::string_view name;
  std::string_view port;
};
constexpr RemoteName kRemoteNames[] = {
    {"peer.service", ""},
    {"server.address", "server.port"},
    {"net.peer.name", "net.peer.port"},
    {"network.peer.address", "network.peer.port"},
    {"server.socket.domain", "server.socket.port"},
    {"server.socket.address", "server.socket.port"},
    {"net.sock.peer.name", "net.sock.peer.port"},
    {"net.sock.peer.addr", "net.sock.peer.port"},
    {"peer.hostname", ""},
    {"peer.address", ""},
    {"db.name", ""},
};

// Wrong UTF-8 gets U+FFFD: a receiver would refuse the whole request for it.
std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string tag_text(const AttributeValue& value) {
  return std::visit(
      [](const auto& content) -> std::string {
        using Content = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<Content, std::string_view>) {
          return std::string{content};
        } else if constexpr (std::is_same_v<Content, std::span<const std::string_view>>) {
          return dumped(json(std::vector<std::string_view>{content.begin(), content.end()}));
        } else {
          return dumped(json(content));
        }
      },
      value);
}

void put_address(json& endpoint, const std::string& name) {
  unsigned char bytes[sizeof(in6_addr)];
  if (inet_pton(AF_INET, name.c_str(), bytes) == 1) endpoint["ipv4"] = name;
  if (inet_pton(AF_INET6, name.c_str(), bytes) == 1) endpoint["ipv6"] = name;
}

// `tags` are those of the span.
json remote_endpoint(const json& tags) {
  json endpoint;
  const auto named = std::find_if(std::begin(kRemoteNames), std::end(kRemoteNames),
                                  [&](const RemoteName& one) { return tags.contains(one.name); });
  if (named == std::end(kRemoteNames)) return endpoint;
  const std::string name = tags[std::string{named->name}];
  endpoint["serviceName"] = name;
  put_address(endpoint, name);
  if (const auto port = tags.find(std::string{named->port}); port != tags.end())
    endpoint["port"] = std::atoi(port->get_ref<const std::string&>().c_str());
  return endpoint;
}

void put_count(json& tags, const char* name, std::uint64_t count) {
  if (count != 0) tags[name] = std::to_string(count);
}

void put_status(json& tags, const telemetry::Span& span) {
  if (span.shape->status == telemetry::StatusCode::kOk) tags["otel.status_code"] = "OK";
  if (span.shape->status != telemetry::StatusCode::kError) return;
  tags["otel.status_code"] = "ERROR";
  tags["error"] = span.status_message();
}

// What all spans of a batch have: the process that they come from, and who made them.
json batch_tags(const telemetry::Resource& resource) {
  json tags;
  for (const Attribute& one : resource.attributes) {
    if (one.key != "service.name") tags[std::string{one.key}] = tag_text(one.value);
  }
  for (const char* prefix : {"otel.scope", "otel.library"}) {  // the second is an older name of the first
    tags[std::string{prefix} + ".name"] = telemetry::kScopeName;
    tags[std::string{prefix} + ".version"] = kVersion;
  }
  return tags;
}

json span_tags(const Span& span) {
  json tags = json::object();
  span.for_each_attribute([&](const Attribute& one) { tags[std::string{one.key}] = tag_text(one.value); });
  put_status(tags, span);
  put_count(tags, "otel.dropped_attributes_count",
            span.dropped_attributes_count + span.shape->dropped_attributes_count);
  put_count(tags, "otel.dropped_links_count", span.dropped_links_count);
  return tags;
}

json zipkin_span(const Span& span, const std::string& service, const json& common_tags) {
  json result;
  result["traceId"] = hex_text(span.context.trace_id);
  result["id"] = hex_text(span.context.span_id);
  if (span.parent_span_id.valid()) result["parentId"] = hex_text(span.parent_span_id);
  result["name"] = span.shape->name;
  result["timestamp"] = span.start_unix_ns / 1'000;
  const std::uint64_t duration_ns = span.end_unix_ns - std::min(span.start_unix_ns, span.end_unix_ns);
  result["duration"] = std::max<std::uint64_t>(1, duration_ns / 1'000);  // 0 would say "not known"
  result["localEndpoint"]["serviceName"] = service;
  json tags = span_tags(span);
  const telemetry::SpanKind kind = span.shape->kind;
  if (kind != telemetry::SpanKind::kInternal) result["kind"] = name_of(kind);
  if (kind != telemetry::SpanKind::kInternal && kind != telemetry::SpanKind::kServer) {
    if (json endpoint = remote_endpoint(tags); !endpoint.is_null())
      result["remoteEndpoint"] = std::move(endpoint);
  }
  tags.insert(common_tags.begin(), common_tags.end());  // a span's own win
  result["tags"] = std::move(tags);
  return result;
}

}  // namespace

std::string_view ZipkinEncoder::encode(Batches batches) {
  body_.assign(1, '[');
  for (const auto& batch : batches) {
    const std::string_view name = service_name(*batch->resource);
    const std::string service{name.empty() ? "unknown_service" : name};
    const json tags = batch_tags(*batch->resource);
    for (const Span& span : batch->spans) {
      if (body_.size() > 1) body_ += ',';
      body_ += dumped(zipkin_span(span, service, tags));
    }
  }
  body_ += ']';
  return body_;
}

}  // namespace waybill::exporters
