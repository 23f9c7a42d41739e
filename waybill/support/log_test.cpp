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

TEST(LogTest, SaysWhatMattersEnoughAndNothingWhenItIsTold) {
  const auto said = [](Log::Level least) {
    std::vector<std::string> lines;
    Log log{[] { return std::chrono::steady_clock::time_point{}; },
            [&](const std::string& line) { lines.push_back(line); }, least};
    log.info("a", "one");
    log.warning("b", "two");
    log.say(Log::Level::kError, "c", "three");
    return lines;
  };
  EXPECT_EQ(said(Log::Level::kInfo).size(), 3U);
  EXPECT_EQ(said(Log::Level::kWarning),
            (std::vector<std::string>{"waybill: warning: two\n", "waybill: error: three\n"}));
  EXPECT_EQ(said(Log::Level::kError), std::vector<std::string>{"waybill: error: three\n"});
  EXPECT_TRUE(said(Log::Level::kNothing).empty());
}

TEST(LogTest, WritesNothingThatATerminalObeys) {
  std::vector<std::string> lines;
  Log log{[] { return std::chrono::steady_clock::time_point{}; },
          [&](const std::string& line) { lines.push_back(line); }};
  log.warning("a", "program \x1b[2J\nwaybill: all is well\x7f\xc2\x9b");
  EXPECT_EQ(lines, std::vector<std::string>{
                       "waybill: warning: program \\x1b[2J\\x0awaybill: all is well\\x7f\\xc2\\x9b\n"});
  log.warning("b", std::string(100'000, 'x'));
  EXPECT_LT(lines.back().size(), 1100U);
}

TEST(LogTest, SaysSoManyKeysAMinuteAndThenHowManyLinesWereLeftOut) {
  std::chrono::steady_clock::time_point now{};
  std::vector<std::string> lines;
  Log log{[&] { return now; }, [&](const std::string& line) { lines.push_back(line); }};
  for (int key = 0; key < 5'000; ++key) log.warning(std::to_string(key), "text");
  EXPECT_EQ(lines.size(), 1024U);
  now += std::chrono::seconds{61};
  log.info("again", "back");
  EXPECT_EQ(lines.back(), "waybill: back (besides, 3976 lines were left out)\n");
}

}  // namespace
}  // namespace waybill
