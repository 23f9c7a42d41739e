#pragma once

#include <cstdint>
#include <string_view>

namespace waybill::exporters {

// Reads the fields of a protobuf message one after the other, and stops at the first that cannot be read: the
// bytes may come from anybody. Owned by one thread; the bytes outlive it.
//
//   ProtobufReader::Field field;
//   for (ProtobufReader message{bytes}; message.next(field);) { ... }
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view bytes) : rest_{bytes} {}

  struct Field {
    std::uint64_t number = 0;
    std::uint64_t varint = 0;
    std::string_view bytes;  // of a text or a message
  };

  // False: the end, or something unreadable. Numbers of fixed size are passed over.
  bool next(Field& field) {
    std::uint64_t tag = 0;
    if (rest_.empty() || !varint(tag)) return false;
    field = {tag >> 3U, 0, {}};
    switch (tag & 7U) {
      case 0:
        return varint(field.varint);
      case 1:
        return skip(8);
      case 2: {
        std::uint64_t size = 0;
        if (!varint(size) || size > rest_.size()) return false;
        field.bytes = rest_.substr(0, size);
        return skip(size);
      }
      case 5:
        return skip(4);
      default:
        return false;
    }
  }

 private:
  bool varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) return true;
    }
    return false;
  }
  bool skip(std::uint64_t size) {
    if (size > rest_.size()) return false;
    rest_.remove_prefix(size);
    return true;
  }

  std::string_view rest_;
};

}  // namespace waybill::exporters
