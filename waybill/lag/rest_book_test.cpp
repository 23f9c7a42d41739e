#include "waybill/lag/rest_book.h"

#include <gtest/gtest.h>

#include <chrono>

namespace waybill::lag {
namespace {

using std::chrono::seconds;

constexpr RestBook::Limits kLimits{
    .moving_records = 10, .moving_bytes = 1'000, .resting_records = 300, .resting_bytes = 100'000};
const Rest kRest{.at = {"orders", 0}, .from = 100, .read_committed = true};

class RestBookTest : public testing::Test {
 protected:
  std::optional<ReadRequest> plan(std::int64_t log_end) { return book_.plan(kRest, log_end, now_); }

  // A round in which everything that may be read up to `reached` holds so many messages.
  void round(std::int64_t log_end, std::int64_t reached, std::uint64_t messages) {
    if (const auto request = plan(log_end))
      book_.add(kRest, *request,
                {.reached = reached, .messages = messages, .bytes = messages, .oldest_ms = 7});
    book_.end_round();
  }

  RestBook book_{kLimits};
  RestBook::Clock::time_point now_{};
};

TEST_F(RestBookTest, CountsOffsetsUntilSomebodyHasLooked) {
  ASSERT_TRUE(plan(110));
  EXPECT_EQ(book_.count(kRest, 110).messages, 10U);
  EXPECT_EQ(book_.count(kRest, 110).uncounted, 10U);
  EXPECT_EQ(book_.count(kRest, 110).oldest_ms, -1);
}

TEST_F(RestBookTest, CountsMessagesWhereItHasLooked) {
  round(110, 110, 3);
  EXPECT_FALSE(plan(110)) << "nothing is read twice";
  EXPECT_EQ(book_.count(kRest, 110).messages, 3U);
  EXPECT_EQ(book_.count(kRest, 110).uncounted, 0U);
  EXPECT_EQ(book_.count(kRest, 110).oldest_ms, 7);
}

TEST_F(RestBookTest, ReadsOnFromWhereItWasWhenTheLogGrows) {
  round(110, 110, 3);
  const auto request = plan(115);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->from, 110);
  EXPECT_EQ(request->until, 115);
  book_.add(kRest, *request, {.reached = 115, .messages = 5, .bytes = 5, .oldest_ms = 99});
  EXPECT_EQ(book_.count(kRest, 115).messages, 8U);
  EXPECT_EQ(book_.count(kRest, 115).oldest_ms, 7) << "the oldest is the first";
}

TEST_F(RestBookTest, TakesTheTimeOfTheFirstMessageBehindMarkers) {
  const auto request = plan(110);
  ASSERT_TRUE(request);
  book_.add(kRest, *request, {.reached = 104, .messages = 0, .bytes = 0, .oldest_ms = -1});
  book_.end_round();
  const auto next = plan(110);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->from, 104);
  book_.add(kRest, *next, {.reached = 110, .messages = 6, .bytes = 6, .oldest_ms = 12});
  EXPECT_EQ(book_.count(kRest, 110).messages, 6U);
  EXPECT_EQ(book_.count(kRest, 110).oldest_ms, 12);
}

TEST_F(RestBookTest, LooksALittleWhereTheGroupMovesAndFurtherWhereItRests) {
  auto request = plan(1'000);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->most_records, kLimits.moving_records);
  EXPECT_EQ(request->most_bytes, kLimits.moving_bytes);
  book_.end_round();
  request = plan(1'000);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->most_records, kLimits.resting_records);
}

TEST_F(RestBookTest, StopsReadingALongRest) {
  round(1'000, 110, 10);
  round(1'000, 310, 200);
  EXPECT_FALSE(plan(1'000)) << "300 records are spent: a look costs 100 at least";
  EXPECT_EQ(book_.count(kRest, 1'000).messages, 210U + 690U);
  EXPECT_EQ(book_.count(kRest, 1'000).uncounted, 690U);
}

TEST_F(RestBookTest, GivesUpALogThatCannotBeRead) {
  int tries = 0;
  for (; plan(110) && tries < 100; ++tries) round(110, 100, 0);
  EXPECT_EQ(tries, 3);
}

TEST_F(RestBookTest, CountsAnewAfterAWhile) {
  round(110, 110, 10);
  now_ += kLimits.count_again;
  const auto request = plan(110);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->from, 100);
  book_.add(kRest, *request, {.reached = 110, .messages = 4, .bytes = 4, .oldest_ms = 7});
  EXPECT_EQ(book_.count(kRest, 110).messages, 4U) << "compaction took six";
}

TEST_F(RestBookTest, ForgetsWhereNobodyIsAnyMore) {
  round(110, 110, 10);
  EXPECT_EQ(book_.size(), 1U);
  book_.end_round();
  EXPECT_EQ(book_.size(), 0U);
}

}  // namespace
}  // namespace waybill::lag
