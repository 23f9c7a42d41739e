#include "waybill/exporters/console_lines.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "waybill/exporters/testing/sample_spans.h"

namespace waybill::exporters {
namespace {

std::string line_of(const std::shared_ptr<const telemetry::SpanBatch>& batch) {
  return console_lines({&batch, 1});
}

TEST(ConsoleLinesTest, WritesWhatAPersonWantsToKnowOnOneLine) {
  EXPECT_EQ(line_of(testing::batch_of(std::size_t{1})),
            "22:13:20.123456Z shop PRODUCER \"send orders\" 2.000 ms partition=3 offset=1234 "
            "trace=101112131415161718191a1b1c1d1e1f span=4041424344454647 parent=6061626364656667 links=1 "
            "(Local: Message timed out)\n");
}

TEST(ConsoleLinesTest, WritesALineForEachSpanOfEachBatch) {
  const std::shared_ptr<const telemetry::SpanBatch> batches[] = {testing::batch_of(2), testing::batch_of(1)};
  const std::string lines = console_lines(batches);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 3);
}

TEST(ConsoleLinesTest, EscapesControlCharactersSoThatATopicCannotForgeLines) {
  telemetry::SpanShape shape = testing::sample_shape();
  shape.name = "send a\nb\x1b[31m";
  const std::string line = line_of(testing::batch_of({testing::sample_span()}, "shop", shape));
  EXPECT_NE(line.find("send a\\x0ab\\x1b[31m"), std::string::npos);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

}  // namespace
}  // namespace waybill::exporters
