#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <numeric>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace waybill {

// Memory that is handed out piece by piece and taken back all at once: for plain values alone, because
// nothing is destroyed. What it gave stays where it is until it is cleared or ends, also when the arena is
// moved. Owned by one thread.
class Arena {
 public:
  // A copy that lives as long as the arena's content.
  std::string_view keep(std::string_view text) {
    const auto bytes = keep(std::span<const char>{text});
    return {bytes.data(), bytes.size()};
  }
  template <typename Value>
  std::span<const Value> keep(std::span<const Value> values) {
    static_assert(std::is_trivially_copyable_v<Value> && std::is_trivially_destructible_v<Value>);
    if (values.empty()) return {};
    std::byte* place = take(values.size_bytes(), alignof(Value));
    std::memcpy(place, values.data(), values.size_bytes());
    return {reinterpret_cast<const Value*>(place), values.size()};
  }

  // Forgets the content. Keeps its memory, up to a bound, for what comes next.
  void clear() {
    const std::size_t kept = std::min(size(), kMostKept);
    if (blocks_.size() > 1 || size() > kMostKept) blocks_.clear();
    if (blocks_.empty() && kept != 0) add_block(kept);
    used_ = 0;
  }

  // Bytes that it holds on to.
  std::size_t size() const {
    return std::accumulate(blocks_.begin(), blocks_.end(), std::size_t{0},
                           [](std::size_t sum, const Block& block) { return sum + block.size; });
  }

 private:
  static constexpr std::size_t kFirstBlock = 512;
  static constexpr std::size_t kLargestBlock = std::size_t{256} << 10U;
  static constexpr std::size_t kMostKept = std::size_t{1} << 20U;

  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size;
  };

  std::byte* take(std::size_t size, std::size_t alignment) {
    std::size_t place = (used_ + alignment - 1) / alignment * alignment;
    if (blocks_.empty() || place + size > blocks_.back().size) {
      const std::size_t next =
          blocks_.empty() ? kFirstBlock : std::min(2 * blocks_.back().size, kLargestBlock);
      add_block(std::max(next, size));
      place = 0;
    }
    used_ = place + size;
    return blocks_.back().bytes.get() + place;
  }
  void add_block(std::size_t size) {
    blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
  }

  std::vector<Block> blocks_;
  std::size_t used_ = 0;  // of the last block
};

}  // namespace waybill
