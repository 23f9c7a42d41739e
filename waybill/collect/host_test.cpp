#include "waybill/collect/host.h"

#include <gtest/gtest.h>

#include <string>

#include "waybill/collect/testing/host_fixture.h"

namespace waybill::collect {
namespace {

using testing::HostTest;

TEST_F(HostTest, GivesUpTheOlderSendsWhenTheirStartsKeepTheWholeSpool) {
  constexpr std::uint64_t kSends = 3 * kSpoolSize / sizeof(segment::SendStarted);
  for (std::uint64_t number = 1; number <= kSends; ++number) {
    for (int turn = 0; !start(number); ++turn) {
      ASSERT_LT(turn, 100) << "nothing is read any more, after " << number;
      host_->round();
    }
  }
  expect_balance(host_->books());
  // The latest are still known.
  for (std::uint64_t number = kSends - 99; number <= kSends; ++number) {
    for (int turn = 0; !end(number, 2 * kSends + number); ++turn) {
      ASSERT_LT(turn, 100);
      host_->round();
    }
  }
  for (int turn = 0; turn < 10; ++turn) host_->round();
  const HostBooks books = host_->books();
  EXPECT_EQ(books.handed_on, 100U);
  EXPECT_EQ(books.started, kSends);
  EXPECT_GT(books.dropped_spool_full, 0U);
  EXPECT_EQ(books.dropped_lost_end, 0U);
  expect_balance(books);
}

class HostOfAnotherUserTest : public HostTest {
 protected:
  HostOfAnotherUserTest() {
    owner_ = geteuid() + 1;
    environment_ = "WAYBILL_OTLP_FILE=/etc/cron.d/spans";
    defaults_.set("OTEL_TRACES_EXPORTER=otlp_file");
    defaults_.set("WAYBILL_OTLP_FILE=/var/log/spans");
  }
  ExporterSet make_exporters(const configure::Settings& settings) override {
    file_ = settings.otlp_file;
    return {};
  }
  std::string file_;
};

TEST_F(HostOfAnotherUserTest, CannotChooseAFileThatTheCollectingProcessWrites) {
  EXPECT_EQ(file_, "/var/log/spans");
}

}  // namespace
}  // namespace waybill::collect
