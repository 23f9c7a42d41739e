#include "waybill/support/arena.h"

#include <gtest/gtest.h>

#include <string>

namespace waybill {
namespace {

TEST(ArenaTest, KeepsTextsAndValuesWhereTheyAreThoughItGrowsAndMoves) {
  Arena arena;
  std::vector<std::pair<std::string, std::string_view>> texts;
  std::vector<std::span<const double>> values;
  for (std::size_t size = 0; size < 3'000; ++size) {
    const std::string text(size, static_cast<char>('a' + size % 26));
    texts.emplace_back(text, arena.keep(text));
    const double number[] = {static_cast<double>(size), 0.5};
    values.push_back(arena.keep(std::span<const double>{number}));
  }
  const Arena moved{std::move(arena)};
  for (const auto& [text, kept] : texts) EXPECT_EQ(kept, text);
  for (std::size_t at = 0; at < values.size(); ++at) {
    EXPECT_EQ(values[at][0], static_cast<double>(at));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(values[at].data()) % alignof(double), 0U);
  }
}

TEST(ArenaTest, UsesItsMemoryAgainAndGivesBackWhatIsTooMuch) {
  Arena arena;
  const std::string text(10'000, 'x');
  for (int turn = 0; turn < 20; ++turn) arena.keep(text);
  arena.clear();
  const std::size_t size = arena.size();
  for (int round = 0; round < 10; ++round) {
    for (int turn = 0; turn < 20; ++turn) EXPECT_EQ(arena.keep(text), text);
    EXPECT_EQ(arena.size(), size);
    arena.clear();
  }
  arena.keep(std::string(100'000'000, 'x'));
  arena.clear();
  EXPECT_LE(arena.size(), 1U << 20U);
}

}  // namespace
}  // namespace waybill
