#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "waybill/exporters/protobuf_writer.h"
#include "waybill/telemetry/span.h"

namespace waybill::exporters {

// Writes what requests of all OTLP signals have: attributes, and a resource with our scope around their
// items. Field numbers are those of opentelemetry-proto 1.5.0. Owned by one thread.
class OtlpFieldWriter {
 public:
  explicit OtlpFieldWriter(ByteBuffer& target) : writer{target} {}

  void attribute(int number, const telemetry::Attribute& attribute);

  // An element of a request: ResourceSpans and its like, whose items `write_items()` writes, as fields
  // kItems. `length_size`: how many bytes its length will probably take; returns how many it took.
  static constexpr int kItems = 2;
  template <typename WriteItems>
  std::size_t in_scope(const telemetry::Resource& resource, std::size_t length_size,
                       WriteItems&& write_items) {
    const ProtobufWriter::Mark of_resource = begin_resource(resource, length_size);
    const ProtobufWriter::Mark of_scope = begin_scope(length_size);
    write_items();
    end_with_schema(of_scope);
    return end_with_schema(of_resource);
  }

  // What is not UTF-8 is replaced.
  void text(int number, std::string_view text);
  void text_unless_empty(int number, std::string_view value) {
    if (!value.empty()) text(number, value);
  }

  ProtobufWriter writer;

 private:
  ProtobufWriter::Mark begin_resource(const telemetry::Resource& resource, std::size_t length_size);
  ProtobufWriter::Mark begin_scope(std::size_t length_size);
  std::size_t end_with_schema(const ProtobufWriter::Mark& message);
  void begin_value(int number, std::string_view key, std::size_t size);
  void array(int number, std::string_view key, std::span<const std::string_view> texts);
};

}  // namespace waybill::exporters
