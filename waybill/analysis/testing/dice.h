#pragma once

#include <cstdint>
#include <random>

namespace waybill::analysis::testing {

// Numbers that are the same in every run.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}

  int below(int bound) { return static_cast<int>(random_() % static_cast<std::uint32_t>(bound)); }
  std::uint32_t id_below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  std::mt19937& source() { return random_; }

 private:
  std::mt19937 random_;
};

}  // namespace waybill::analysis::testing
