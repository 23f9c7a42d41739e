#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/context/span_context.h"

namespace waybill::store::internal {

// Numbers in a blob, in the order of this machine: a store does not travel.
class BytesWriter {
 public:
  template <typename Number>
  void put(Number number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void put(const std::uint8_t* bytes, std::size_t size) {
    bytes_.append(reinterpret_cast<const char*>(bytes), size);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Reads what a BytesWriter wrote; zeros behind the end.
class BytesReader {
 public:
  explicit BytesReader(std::string_view bytes) : rest_{bytes} {}
  bool is_at_end() const { return rest_.empty(); }
  template <typename Number>
  Number take() {
    Number number{};
    take(reinterpret_cast<std::uint8_t*>(&number), sizeof number);
    return number;
  }
  void take(std::uint8_t* bytes, std::size_t size) {
    const std::size_t there = size < rest_.size() ? size : rest_.size();
    std::memcpy(bytes, rest_.data(), there);
    rest_.remove_prefix(there);
  }

 private:
  std::string_view rest_;
};

// SQLite's integers have a sign; an id is any 64 bits.
inline std::int64_t number_of(const context::SpanId& id) {
  std::int64_t number = 0;
  std::memcpy(&number, id.bytes.data(), sizeof number);
  return number;
}

inline context::SpanId id_of(std::int64_t number) {
  context::SpanId id;
  std::memcpy(id.bytes.data(), &number, sizeof number);
  return id;
}

}  // namespace waybill::store::internal
