#include "waybill/support/log.h"

#include <gtest/gtest.h>

#include <vector>

namespace waybill {
namespace {

TEST(LogTest, SaysAKeyOnceAMinuteAndThenHowManyWereHeldBack) {
  std::chrono::steady_clock::time_point now{};
  std::vector<std::string> lines;
  Log log{[&] { return now; }, [&](const std::string& line) { lines.push_back(line); }};
  log.warning("a", "first");
  log.warning("a", "second");
  log.warning("a", "third");
  log.info("b", "other");
  now += std::chrono::seconds{61};
  log.warning("a", "fourth");
  EXPECT_EQ(lines, (std::vector<std::string>{"waybill: warning: first\n", "waybill: other\n",
                                             "waybill: warning: fourth (2 more since then)\n"}));
}

}  // namespace
}  // namespace waybill
