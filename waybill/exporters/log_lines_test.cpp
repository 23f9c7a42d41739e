#include "waybill/exporters/log_lines.h"

#include <gtest/gtest.h>

#include <vector>

#include "waybill/exporters/testing/sample_failures.h"

namespace waybill::exporters {
namespace {

using testing::failed_processing;
using testing::failed_sends;
using OwnedBatches = std::vector<std::shared_ptr<const telemetry::SpanBatch>>;

TEST(LogLinesTest, WritesALineForEachFailure) {
  EXPECT_EQ(log_lines(OwnedBatches{failed_sends(2), failed_processing()}, {}),
            "22:13:20.125456Z shop WARN messaging.send.exception \"send orders\" partition=3 offset=1234 "
            "error=_MSG_TIMED_OUT (Local: Message timed out) trace=101112131415161718191a1b1c1d1e1f "
            "span=4041424344454647\n"
            "22:13:20.125456Z shop WARN messaging.send.exception \"send orders\" partition=3 offset=1234 "
            "error=_MSG_TIMED_OUT (Local: Message timed out) trace=101112131415161718191a1b1c1d1e1f "
            "span=4041424344454647\n"
            "22:13:20.125456Z billing ERROR messaging.process.exception \"process orders\" offset=1234 "
            "error=shop::Refused (no such customer) trace=101112131415161718191a1b1c1d1e1f "
            "span=4041424344454647\n");
}

TEST(LogLinesTest, WritesNothingOfSpansThatDidNotFail) {
  EXPECT_EQ(log_lines(OwnedBatches{testing::spans_that_did_not_fail()}, {}), "");
}

TEST(LogLinesTest, LetsNoDescriptionControlTheTerminal) {
  const std::string line = log_lines(OwnedBatches{failed_processing("\x1b[2J\n")}, {.colour = true});
  EXPECT_EQ(line.find("\x1b[2J"), std::string::npos);
  EXPECT_NE(line.find("\x1b[31m error=shop::Refused (\\x1b[2J\\x0a)\x1b[0m"), std::string::npos) << line;
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

}  // namespace
}  // namespace waybill::exporters
