#ifndef WAYBILL_TESTS_SUPPORT_WIRE_H
#define WAYBILL_TESTS_SUPPORT_WIRE_H

#include <cstdint>
#include <cstring>
#include <string_view>

// The fields of a protobuf message, one after the other, without copying: for receivers that count millions
// of spans. (Receivers that look closer decode with the official messages.)
//
//   for (WireReader fields{bytes}; fields.next();) if (fields.number == 2) use(fields.bytes);
struct WireReader {
  explicit WireReader(std::string_view message) : rest{message} {}

  std::string_view rest;
  std::uint64_t number = 0;
  std::uint64_t value = 0;  // of a varint or fixed field
  std::string_view bytes;   // of a length-delimited field
  bool malformed = false;

  bool next() {
    if (rest.empty() || malformed) return false;
    const std::uint64_t tag = varint();
    number = tag >> 3U;
    switch (tag & 7U) {
      case 0:
        value = varint();
        return !malformed;
      case 1:
        return fixed(8);
      case 2: {
        const std::uint64_t size = varint();
        if (malformed || size > rest.size()) return fail();
        bytes = rest.substr(0, size);
        rest.remove_prefix(size);
        return true;
      }
      case 5:
        return fixed(4);
      default:
        return fail();
    }
  }

 private:
  bool fail() {
    malformed = true;
    return false;
  }

  std::uint64_t varint() {
    std::uint64_t result = 0;
    for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(rest.front());
      rest.remove_prefix(1);
      result |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) return result;
    }
    malformed = true;
    return 0;
  }

  bool fixed(std::size_t size) {
    if (rest.size() < size) return fail();
    value = 0;
    std::memcpy(&value, rest.data(), size);
    rest.remove_prefix(size);
    return true;
  }
};

#endif
