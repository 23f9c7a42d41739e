#pragma once

#include <span>
#include <string_view>

#include "waybill/exporters/protobuf_writer.h"
#include "waybill/telemetry/span.h"

namespace waybill::exporters {

// Writes what requests of all OTLP signals have: attributes, a resource, our scope. Field numbers are those
// of opentelemetry-proto 1.5.0. Owned by one thread.
class OtlpFieldWriter {
 public:
  explicit OtlpFieldWriter(ByteBuffer& target) : writer{target} {}

  void attribute(int number, const telemetry::Attribute& attribute);
  void resource(int number, const telemetry::Resource& resource);
  void scope(int number);

  // What is not UTF-8 is replaced.
  void text(int number, std::string_view text);
  void text_unless_empty(int number, std::string_view value) {
    if (!value.empty()) text(number, value);
  }

  ProtobufWriter writer;

 private:
  void begin_value(int number, std::string_view key, std::size_t size);
  void array(int number, std::string_view key, std::span<const std::string_view> texts);
};

}  // namespace waybill::exporters
