#include "waybill/context/glob.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace waybill::context {
namespace {

// What the words mean, without a thought of cost.
bool matches_by_definition(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    for (std::size_t taken = 0; taken <= text.size(); ++taken) {
      if (matches_by_definition(pattern.substr(1), text.substr(taken))) return true;
    }
    return false;
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         matches_by_definition(pattern.substr(1), text.substr(1));
}

TEST(GlobTest, TakesCharactersForThemselves) {
  EXPECT_TRUE(matches_glob("orders", "orders"));
  EXPECT_FALSE(matches_glob("orders", "order"));
  EXPECT_FALSE(matches_glob("order", "orders"));
  EXPECT_FALSE(matches_glob("Orders", "orders"));
  EXPECT_TRUE(matches_glob("", ""));
  EXPECT_FALSE(matches_glob("", "a"));
}

TEST(GlobTest, TakesAStarForAnythingAndAQuestionMarkForOne) {
  EXPECT_TRUE(matches_glob("payments.*", "payments."));
  EXPECT_TRUE(matches_glob("payments.*", "payments.eu.1"));
  EXPECT_FALSE(matches_glob("payments.*", "payments"));
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("*.dead", "a.b.dead"));
  EXPECT_TRUE(matches_glob("o?ders", "orders"));
  EXPECT_FALSE(matches_glob("o?ders", "oders"));
  EXPECT_FALSE(matches_glob("?", ""));
}

TEST(GlobTest, AgreesWithTheDefinitionForTextsOfFewLetters) {
  std::mt19937 random{20'261};
  const auto text_of = [&](std::string_view letters, std::size_t most) {
    std::string text(random() % (most + 1), ' ');
    for (char& c : text) c = letters[random() % letters.size()];
    return text;
  };
  int matched = 0;
  for (int round = 0; round < 50'000; ++round) {
    const std::string pattern = text_of("ab*?", 7);
    const std::string text = text_of("ab", 9);
    const bool expected = matches_by_definition(pattern, text);
    matched += expected ? 1 : 0;
    ASSERT_EQ(matches_glob(pattern, text), expected) << pattern << " " << text;
  }
  EXPECT_GT(matched, 1'000);
}

// Tried star by star this would take longer than anybody waits.
TEST(GlobTest, IsDoneWithAPatternOfManyStars) {
  std::string pattern;
  for (int star = 0; star < 120; ++star) pattern += "*a";
  EXPECT_FALSE(matches_glob(pattern + "b", std::string(248, 'a')));
}

}  // namespace
}  // namespace waybill::context
