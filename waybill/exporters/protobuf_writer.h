#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "waybill/exporters/byte_buffer.h"

namespace waybill::exporters {

// Writes the protobuf wire format (protobuf.dev, "Encoding") into a buffer that it appends to. A message
// field is begun, filled, and ended; its length is put in front when it is known. Owned by one thread.
class ProtobufWriter {
 public:
  explicit ProtobufWriter(ByteBuffer& target) : target_{target} {}

  void varint(int field, std::uint64_t value) {
    tag(field, 0);
    raw_varint(value);
  }
  void fixed64(int field, std::uint64_t value) {
    tag(field, 1);
    target_.append(&value, sizeof value);
  }
  void fixed32(int field, std::uint32_t value) {
    tag(field, 5);
    target_.append(&value, sizeof value);
  }
  void bytes(int field, const void* data, std::size_t size) {
    tag(field, 2);
    raw_varint(size);
    target_.append(data, size);
  }
  void text(int field, std::string_view value) { bytes(field, value.data(), value.size()); }

  // What was encoded before.
  void encoded(std::string_view fields) { target_.append(fields.data(), fields.size()); }

  // A message that is begun, and how many bytes were left for its length.
  struct Mark {
    std::size_t place;
    std::size_t length_size;
  };

  // `length_size`: how many bytes its length will probably take: 1 below 128, 2 below 16,384.
  Mark begin(int field, std::size_t length_size = 1) {
    tag(field, 2);
    target_.grow(length_size);
    return {target_.size(), length_size};
  }
  void end(const Mark& mark) {
    const std::size_t size = target_.size() - mark.place;
    char length[10];
    const std::size_t length_size = encode(size, length);
    if (length_size > mark.length_size) {
      target_.insert(mark.place, length_size - mark.length_size);
    } else if (length_size < mark.length_size) {
      char* content = target_.data() + mark.place;
      std::memmove(content - mark.length_size + length_size, content, size);
      target_.shrink(target_.size() - mark.length_size + length_size);
    }
    std::memcpy(target_.data() + mark.place - mark.length_size, length, length_size);
  }

 private:
  static std::size_t encode(std::uint64_t value, char* target) {
    std::size_t size = 0;
    while (value >= 0x80) {
      target[size++] = static_cast<char>((value & 0x7fU) | 0x80U);
      value >>= 7U;
    }
    target[size++] = static_cast<char>(value);
    return size;
  }
  void tag(int field, unsigned wire_type) { raw_varint(static_cast<std::uint64_t>(field) << 3U | wire_type); }
  void raw_varint(std::uint64_t value) {
    if (value < 0x80) return target_.push_back(static_cast<char>(value));
    char encoded[10];
    target_.append(encoded, encode(value, encoded));
  }

  ByteBuffer& target_;
};

}  // namespace waybill::exporters
