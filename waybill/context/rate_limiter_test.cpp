#include "waybill/context/rate_limiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace waybill::context {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

TEST(RateLimiterTest, LetsTheRateThroughHoweverManyAsk) {
  RateLimiter limiter;
  std::uint64_t now_ns = 77 * kSecond;
  std::uint64_t passed = 0;
  for (int asked = 0; asked < 10'000'000; ++asked, now_ns += 1'000)
    passed += limiter.allow(now_ns, interval_of(100));
  EXPECT_GE(passed, 1'000U);  // ten seconds
  EXPECT_LE(passed, 1'100U);  // and the second's worth that it had saved
}

TEST(RateLimiterTest, SavesNoMoreThanASecondsWorth) {
  RateLimiter limiter;
  std::uint64_t passed = 0;
  for (int asked = 0; asked < 1'000; ++asked) passed += limiter.allow(1'000 * kSecond, interval_of(50));
  EXPECT_EQ(passed, 50U);
}

TEST(RateLimiterTest, LetsOneThroughNowAndThenWhenTheRateIsBelowOneInASecond) {
  RateLimiter limiter;
  std::uint64_t passed = 0;
  for (std::uint64_t second = 100; second < 200; ++second)
    passed += limiter.allow(second * kSecond, interval_of(0.1));
  EXPECT_EQ(passed, 10U);
}

TEST(RateLimiterTest, KnowsRatesThatAreNone) {
  RateLimiter limiter;
  for (const double rate : {0.0, -1.0, 1e-300}) EXPECT_FALSE(limiter.allow(kSecond, interval_of(rate)));
  EXPECT_EQ(interval_of(1e300), 1U);
}

TEST(RateLimiterTest, LetsNoMoreThroughWhenThreadsAskAtOnce) {
  RateLimiter limiter;
  std::atomic<std::uint64_t> passed = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&] {
      for (int asked = 0; asked < 100'000; ++asked) passed += limiter.allow(5 * kSecond, interval_of(1'000));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(passed, 1'000U);
}

}  // namespace
}  // namespace waybill::context
