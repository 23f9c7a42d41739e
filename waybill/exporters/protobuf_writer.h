#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace waybill::exporters {

// Writes the protobuf wire format (protobuf.dev, "Encoding") into a string that it appends to. A message
// field is begun, filled, and ended; its length is put in front when it is known. Owned by one thread.
class ProtobufWriter {
 public:
  explicit ProtobufWriter(std::string& target) : target_{target} {}

  void varint(int field, std::uint64_t value) {
    tag(field, 0);
    raw_varint(value);
  }
  void fixed64(int field, std::uint64_t value) {
    tag(field, 1);
    append(&value, sizeof value);
  }
  void fixed32(int field, std::uint32_t value) {
    tag(field, 5);
    append(&value, sizeof value);
  }
  void bytes(int field, const void* data, std::size_t size) {
    tag(field, 2);
    raw_varint(size);
    append(data, size);
  }
  void text(int field, std::string_view value) { bytes(field, value.data(), value.size()); }

  // Returns a mark for end().
  std::size_t begin(int field) {
    tag(field, 2);
    target_.push_back('\0');  // most messages are shorter than 128 bytes
    return target_.size();
  }
  void end(std::size_t mark) {
    const std::size_t size = target_.size() - mark;
    if (size < 0x80) {
      target_[mark - 1] = static_cast<char>(size);
      return;
    }
    char length[10];
    const std::size_t length_size = encode(size, length);
    target_[mark - 1] = length[0];
    target_.insert(mark, length + 1, length_size - 1);
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
    char encoded[10];
    target_.append(encoded, encode(value, encoded));
  }
  void append(const void* data, std::size_t size) { target_.append(static_cast<const char*>(data), size); }

  std::string& target_;
};

}  // namespace waybill::exporters
