#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace waybill::fuzz {

// The bytes of a fuzzer's input, read from the front as what a hostile host does. After the last byte
// everything is 0, so that every input is a script.
class Script {
 public:
  explicit Script(std::span<const std::uint8_t> bytes) : rest_{bytes} {}

  bool at_end() const { return rest_.empty(); }

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }

  // One byte for a small number or one from the edges of what a word holds; nine bytes for any other.
  std::uint64_t number() {
    const std::uint8_t value = byte();
    if (value < 0x80) return value;
    if (value < 0x80 + kEdges.size()) return kEdges[value - 0x80];
    std::uint64_t any = 0;
    for (int at = 0; at < 8; ++at) any = any << 8U | byte();
    return any;
  }

  std::uint32_t number32() { return static_cast<std::uint32_t>(number()); }
  std::uint16_t number16() { return static_cast<std::uint16_t>(number()); }

  // The next bytes, at most `most`.
  std::span<const std::uint8_t> take(std::size_t most) {
    const std::size_t size = std::min(most, rest_.size());
    const std::span<const std::uint8_t> taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

 private:
  // Written into edges.py too.
  static constexpr auto kEdges = std::to_array<std::uint64_t>({
      0xffff'ffff'ffff'ffff,
      0xffff'ffff'ffff'fff8,
      0x8000'0000'0000'0000,
      0x7fff'ffff'ffff'ffff,
      0x1'0000'0000,
      0xffff'ffff,
      0x8000'0000,
      0x7fff'ffff,
      0x1'0000,
      0xffff,
      0xfff8,
      0x8000,
      0x2000,
      0x1ff8,
      0x400,
      0x200,
      0x100,
      1'000'000'000,
      61'000'000'000,
      1'700'000'000'000,
      0x4000,
      0x10'0000,
      0x4'0000,
      0x1'0008,
  });

  std::span<const std::uint8_t> rest_;
};

}  // namespace waybill::fuzz
