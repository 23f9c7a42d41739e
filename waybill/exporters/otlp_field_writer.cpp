#include "waybill/exporters/otlp_field_writer.h"

#include <bit>
#include <cstdint>
#include <variant>

#include "waybill/exporters/sound_text.h"
#include "waybill/support/version.h"

namespace waybill::exporters {
namespace {

namespace field {
constexpr int kRequestResource = 1;  // kResourceSpans, kResourceMetrics, kResourceLogs
constexpr int kOfResource = 1, kScopes = 2;
constexpr int kOfScope = 1;
constexpr int kSchemaUrl = 3;  // of both
constexpr int kResourceAttributes = 1;
constexpr int kScopeName = 1, kScopeVersion = 2;
constexpr int kKey = 1, kValue = 2;
constexpr int kAnyString = 1, kAnyBool = 2, kAnyInt = 3, kAnyDouble = 4, kAnyArray = 5;
constexpr int kArrayValues = 1;
}  // namespace field

}  // namespace

void OtlpFieldWriter::attribute(int number, const telemetry::Attribute& attribute) {
  const SoundText sound_key{attribute.key};
  const std::string_view key = sound_key.view();
  if (const auto* text = std::get_if<std::string_view>(&attribute.value)) {
    const SoundText sound{*text};
    begin_value(number, key, ProtobufWriter::size_of_field(sound.view().size()));
    writer.text(field::kAnyString, sound.view());
  } else if (const auto* boolean = std::get_if<bool>(&attribute.value)) {
    begin_value(number, key, 2);
    writer.varint(field::kAnyBool, *boolean ? 1 : 0);
  } else if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
    const auto bits = static_cast<std::uint64_t>(*integer);
    begin_value(number, key, 1 + ProtobufWriter::size_of_varint(bits));
    writer.varint(field::kAnyInt, bits);
  } else if (const auto* real = std::get_if<double>(&attribute.value)) {
    begin_value(number, key, 1 + sizeof *real);
    writer.fixed64(field::kAnyDouble, std::bit_cast<std::uint64_t>(*real));
  } else {
    array(number, key, std::get<std::span<const std::string_view>>(attribute.value));
  }
}

ProtobufWriter::Mark OtlpFieldWriter::begin_resource(const telemetry::Resource& resource,
                                                     std::size_t length_size) {
  const ProtobufWriter::Mark element = writer.begin(field::kRequestResource, length_size);
  const ProtobufWriter::Mark message = writer.begin(field::kOfResource);
  for (const telemetry::Attribute& one : resource.attributes) attribute(field::kResourceAttributes, one);
  writer.end(message);
  return element;
}

ProtobufWriter::Mark OtlpFieldWriter::begin_scope(std::size_t length_size) {
  const ProtobufWriter::Mark element = writer.begin(field::kScopes, length_size);
  const ProtobufWriter::Mark message = writer.begin(field::kOfScope);
  writer.text(field::kScopeName, telemetry::kScopeName);
  writer.text(field::kScopeVersion, kVersion);
  writer.end(message);
  return element;
}

std::size_t OtlpFieldWriter::end_with_schema(const ProtobufWriter::Mark& message) {
  writer.text(field::kSchemaUrl, telemetry::kSchemaUrl);
  return writer.end(message);
}

void OtlpFieldWriter::text(int number, std::string_view text) { writer.text(number, SoundText{text}.view()); }

// The attribute up to its AnyValue's one field, which takes so many bytes.
void OtlpFieldWriter::begin_value(int number, std::string_view key, std::size_t size) {
  writer.length(number, ProtobufWriter::size_of_field(key.size()) + ProtobufWriter::size_of_field(size));
  writer.text(field::kKey, key);
  writer.length(field::kValue, size);
}

void OtlpFieldWriter::array(int number, std::string_view key, std::span<const std::string_view> texts) {
  const ProtobufWriter::Mark pair = writer.begin(number);
  writer.text(field::kKey, key);
  const ProtobufWriter::Mark value = writer.begin(field::kValue);
  const ProtobufWriter::Mark array = writer.begin(field::kAnyArray);
  for (const std::string_view one : texts) {
    const SoundText sound{one};
    writer.length(field::kArrayValues, ProtobufWriter::size_of_field(sound.view().size()));
    writer.text(field::kAnyString, sound.view());
  }
  writer.end(array);
  writer.end(value);
  writer.end(pair);
}

}  // namespace waybill::exporters
