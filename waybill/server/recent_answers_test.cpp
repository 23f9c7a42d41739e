#include "waybill/server/recent_answers.h"

#include <gtest/gtest.h>

#include <string>

namespace waybill::server {
namespace {

using std::chrono::seconds;

class RecentAnswersTest : public ::testing::Test {
 protected:
  RecentAnswers<std::string, int> answers_{seconds{60}, 2};
  const RecentAnswers<std::string, int>::Time begin_{};
};

TEST_F(RecentAnswersTest, KnowsAnAnswerForAWhile) {
  EXPECT_EQ(answers_.find("orders", begin_), nullptr);
  answers_.remember("orders", 7, begin_);
  ASSERT_NE(answers_.find("orders", begin_ + seconds{59}), nullptr);
  EXPECT_EQ(*answers_.find("orders", begin_ + seconds{59}), 7);
  EXPECT_EQ(answers_.find("orders", begin_ + seconds{60}), nullptr);
}

TEST_F(RecentAnswersTest, ANewAnswerTakesThePlaceOfTheOldOne) {
  answers_.remember("orders", 7, begin_);
  answers_.remember("orders", 8, begin_ + seconds{30});
  ASSERT_NE(answers_.find("orders", begin_ + seconds{80}), nullptr);
  EXPECT_EQ(*answers_.find("orders", begin_ + seconds{80}), 8);
}

TEST_F(RecentAnswersTest, HoldsNoMoreThanItMay) {
  answers_.remember("one", 1, begin_);
  answers_.remember("two", 2, begin_);
  answers_.remember("two", 2, begin_);
  EXPECT_NE(answers_.find("one", begin_), nullptr);
  answers_.remember("three", 3, begin_);
  EXPECT_EQ(answers_.find("one", begin_), nullptr);
  EXPECT_NE(answers_.find("three", begin_), nullptr);
}

}  // namespace
}  // namespace waybill::server
