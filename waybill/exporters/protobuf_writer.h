#pragma once

#include <array>
#include <bit>
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
  void fixed64(int field, std::uint64_t value) { fixed(field, 1, value); }
  void fixed32(int field, std::uint32_t value) { fixed(field, 5, value); }
  void text(int field, std::string_view value) {
    length(field, value.size());
    target_.append(value.data(), value.size());
  }
  // Bytes of a length that the type tells, below 128.
  template <std::size_t kSize>
  void bytes(int field, const std::array<std::uint8_t, kSize>& value) {
    static_assert(kSize < 128);
    tag(field, 2);
    char* place = target_.grow(1 + kSize);
    *place = static_cast<char>(kSize);
    std::memcpy(place + 1, value.data(), kSize);
  }

  // The start of a message or text whose length is known: that many bytes are to follow.
  void length(int field, std::size_t size) {
    if (field >= 16 || size >= 0x80) {
      tag(field, 2);
      return raw_varint(size);
    }
    char* place = target_.grow(2);
    place[0] = static_cast<char>(tag_of(field, 2));
    place[1] = static_cast<char>(size);
  }
  // How many bytes a field of so long a message or text takes, if its number is below 16.
  static constexpr std::size_t size_of_field(std::size_t length) {
    return 1 + (length < 0x80 ? 1 : size_of_varint(length)) + length;
  }
  static constexpr std::size_t size_of_varint(std::uint64_t value) {
    return (static_cast<std::size_t>(std::bit_width(value | 1U)) + 6) / 7;
  }

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
  // Returns how many bytes the length took: a guess for the next that is alike, which spares a move.
  std::size_t end(const Mark& mark) {
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
    return length_size;
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
  static constexpr std::uint64_t tag_of(int field, unsigned wire_type) {
    return static_cast<std::uint64_t>(field) << 3U | wire_type;
  }
  void tag(int field, unsigned wire_type) { raw_varint(tag_of(field, wire_type)); }
  template <typename Number>
  void fixed(int field, unsigned wire_type, Number value) {
    tag(field, wire_type);
    std::memcpy(target_.grow(sizeof value), &value, sizeof value);
  }
  // Nearly all are short, and small enough to be compiled into their callers.
  void raw_varint(std::uint64_t value) {
    if (value < 0x80) return target_.push_back(static_cast<char>(value));
    long_varint(value);
  }
  [[gnu::noinline]] void long_varint(std::uint64_t value) {
    char encoded[10];
    target_.append(encoded, encode(value, encoded));
  }

  ByteBuffer& target_;
};

}  // namespace waybill::exporters
