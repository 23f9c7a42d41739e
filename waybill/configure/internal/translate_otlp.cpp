#include <string>
#include <utility>

#include "waybill/configure/internal/translate_file.h"

namespace waybill::configure::internal {
namespace {

using Type = FileProperty::Type;

void translate_tls(FileTranslation& translation, const OtlpNames& names, OtlpWire wire,
                   const FileValue& tls) {
  std::vector<FileProperty> properties{{"ca_file", names.certificate},
                                       {"key_file", names.client_key},
                                       {"cert_file", names.client_certificate}};
  // The URL of OTLP over HTTP says it.
  if (wire == OtlpWire::kGrpc) properties.push_back({"insecure", names.insecure, Type::kBoolean});
  translation.read_properties(tls, properties);
}

void translate_protocol(FileTranslation& translation, const OtlpNames& names, const FileValue& encoding) {
  if (const std::optional<std::string> text = translation.text(encoding))
    translation.set(names.protocol, "http/" + *text, encoding);
}

}  // namespace

void translate_otlp(FileTranslation& translation, const FileValue& exporter, const OtlpNames& names,
                    OtlpWire wire, std::span<const FileProperty> more) {
  std::vector<FileProperty> properties{
      {"endpoint", names.endpoint},
      {"compression", names.compression},
      {"timeout", names.timeout, Type::kInteger},
      {.key = "headers", .read = read_elsewhere},
      {.key = "headers_list", .read = read_elsewhere},
      {.key = "tls", .read = read_elsewhere},
  };
  if (wire == OtlpWire::kHttp) properties.push_back({.key = "encoding", .read = read_elsewhere});
  properties.insert(properties.end(), more.begin(), more.end());
  translation.read_properties(exporter, properties);
  if (wire == OtlpWire::kGrpc) translation.set(names.protocol, "grpc", exporter);
  if (exporter.node->kind != YamlNode::Kind::kMapping) return;
  const std::vector<FileValue> entries = translation.entries(exporter);
  translate_pairs(translation, names.headers, {find(entries, "headers"), find(entries, "headers_list")});
  if (const auto tls = find(entries, "tls")) translate_tls(translation, names, wire, *tls);
  const auto encoding = find(entries, "encoding");
  if (encoding && wire == OtlpWire::kHttp) translate_protocol(translation, names, *encoding);
}

}  // namespace waybill::configure::internal
