#include "waybill/exporters/console_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "waybill/context/hex.h"
#include "waybill/exporters/console_lines.h"
#include "waybill/exporters/testing/sample_spans.h"

namespace waybill::exporters {
namespace {

using telemetry::Span;

constexpr std::uint64_t kStart = 1'700'000'000'123'456'789;

// A span of the trace that begins with `trace`, without attributes.
Span span_of(std::uint8_t trace, std::uint8_t id, std::uint8_t parent, std::uint64_t after_ms) {
  Span span;
  span.context = {testing::id_of<context::TraceId>(trace), testing::id_of<context::SpanId>(id), 1};
  if (parent != 0) span.parent_span_id = testing::id_of<context::SpanId>(parent);
  span.start_unix_ns = kStart + after_ms * 1'000'000;
  span.end_unix_ns = span.start_unix_ns + 2'500'000;
  return span;
}

telemetry::SpanShape shape_named(std::string_view name) {
  telemetry::SpanShape shape;
  shape.name = name;
  shape.kind = telemetry::SpanKind::kProducer;
  return shape;
}

std::shared_ptr<const telemetry::SpanBatch> batch_of(std::vector<Span> spans, std::string_view service,
                                                     std::string_view name) {
  return testing::batch_of(std::move(spans), service, shape_named(name));
}

TEST(ConsoleTreeTest, WritesEachSpanBelowItsParentInTheOrderOfTheirStarts) {
  const std::shared_ptr<const telemetry::SpanBatch> batches[] = {
      batch_of({span_of(0x80, 0x05, 0x04, 30), span_of(0x80, 0x02, 0x01, 10), span_of(0x80, 0x04, 0x01, 20)},
               "payments", "process orders"),
      batch_of({span_of(0x80, 0x03, 0x02, 15), span_of(0x80, 0x01, 0, 0)}, "orders", "send orders"),
  };
  EXPECT_EQ(console_tree(batches),
            "22:13:20.123456Z trace 808182838485868788898a8b8c8d8e8f 5 spans 32.500 ms\n"
            "  orders send orders +0.000 ms, 2.500 ms span=0102030405060708\n"
            "  ├─ payments process orders +10.000 ms, 2.500 ms span=0203040506070809\n"
            "  │  └─ orders send orders +15.000 ms, 2.500 ms span=030405060708090a\n"
            "  └─ payments process orders +20.000 ms, 2.500 ms span=0405060708090a0b\n"
            "     └─ payments process orders +30.000 ms, 2.500 ms span=05060708090a0b0c\n");
}

TEST(ConsoleTreeTest, SaysWhereAndWhatFailedAndNamesAParentThatIsNotThere) {
  Span failed = testing::sample_span();
  Span other = failed;
  other.context.span_id = testing::id_of<context::SpanId>(0x20);
  other.start_unix_ns += 1'000'000;
  other.links = {};
  const std::shared_ptr<const telemetry::SpanBatch> batch = testing::batch_of({failed, other});
  EXPECT_EQ(console_tree({&batch, 1}),
            "22:13:20.123456Z trace 101112131415161718191a1b1c1d1e1f 2 spans 2.000 ms\n"
            "  shop send orders +0.000 ms, 2.000 ms partition=3 offset=1234 span=4041424344454647 "
            "parent=6061626364656667 links=1 (Local: Message timed out)\n"
            "  shop send orders +1.000 ms, 1.000 ms partition=3 offset=1234 span=2021222324252627 "
            "parent=6061626364656667 (Local: Message timed out)\n");
}

TEST(ConsoleTreeTest, WritesATraceOfOneSpanAsALine) {
  const std::shared_ptr<const telemetry::SpanBatch> batch =
      batch_of({span_of(0x80, 1, 0, 0), span_of(0x90, 2, 0, 0)}, "orders", "send orders");
  EXPECT_EQ(console_tree({&batch, 1}), console_lines({&batch, 1}));
}

TEST(ConsoleTreeTest, KeepsTracesApartInTheOrderInWhichTheyCame) {
  const std::shared_ptr<const telemetry::SpanBatch> batch = batch_of(
      {span_of(0x90, 1, 0, 5), span_of(0x80, 1, 0, 0), span_of(0x90, 2, 1, 6), span_of(0x80, 2, 1, 1)},
      "orders", "send orders");
  const std::string text = console_tree({&batch, 1});
  EXPECT_LT(text.find("trace 9091"), text.find("trace 8081"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6);
}

TEST(ConsoleTreeTest, WritesEverySpanOnceWhateverTheirParentsAre) {
  std::mt19937_64 random{1};
  for (int round = 0; round < 300; ++round) {
    std::vector<Span> spans;
    const auto count = static_cast<std::uint8_t>(2 + random() % 30);
    for (std::uint8_t id = 1; id <= count; ++id)
      spans.push_back(span_of(0x80, id, static_cast<std::uint8_t>(random() % (count + 2U)), random() % 5));
    const std::shared_ptr<const telemetry::SpanBatch> batch =
        batch_of(spans, "orders", "send orders");  // circles, parents that are not there, their own parents
    const std::string text = console_tree({&batch, 1});
    ASSERT_EQ(std::count(text.begin(), text.end(), '\n'), count + 1);
    for (const Span& span : spans) {
      std::string id(16, '0');
      context::to_hex(span.context.span_id.bytes.data(), 8, id.data());
      ASSERT_NE(text.find(" span=" + id), std::string::npos) << text;
    }
  }
}

TEST(ConsoleTreeTest, GrowsToTheRightOnlySoFar) {
  std::vector<Span> chain;
  for (std::uint8_t id = 1; id < 200; ++id)
    chain.push_back(span_of(0x80, id, static_cast<std::uint8_t>(id - 1), id));
  const std::shared_ptr<const telemetry::SpanBatch> batch = batch_of(chain, "orders", "send orders");
  const std::string text = console_tree({&batch, 1});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 200);
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    ASSERT_LT(text.find('\n', at) - at, 200U);
}

TEST(ConsoleTreeTest, LetsNoNameControlATerminal) {
  for (const char* name :
       {"a\nb", "a\x1b[31m", "a\x7f", "a\xc2\x9b 2J", "a\xe2\x80\xae z", "a\xff", "a\xc2"}) {
    const std::shared_ptr<const telemetry::SpanBatch> batch =
        batch_of({span_of(0x80, 1, 0, 0), span_of(0x80, 2, 1, 1)}, name, name);
    for (const ConsoleStyle style : {ConsoleStyle{.tree = true}, ConsoleStyle{}}) {
      const std::string text =
          style.tree ? console_tree({&batch, 1}, style) : console_lines({&batch, 1}, style);
      EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), style.tree ? 3 : 2) << text;
      EXPECT_EQ(text.find(std::string{name}.substr(1)), std::string::npos) << text;
      EXPECT_NE(text.find("a\\x"), std::string::npos) << text;
    }
  }
}

TEST(ConsoleTreeTest, ShowsOtherLanguagesAsTheyAre) {
  EXPECT_EQ(escaped("größe 大きさ 😀"), "größe 大きさ 😀");
}

TEST(ConsoleTreeTest, ColoursOnlyWhereItIsToldTo) {
  const std::shared_ptr<const telemetry::SpanBatch> batch = testing::batch_of(2);
  EXPECT_EQ(console_tree({&batch, 1}, {.tree = true}).find('\x1b'), std::string::npos);
  std::string text = console_tree({&batch, 1}, {.tree = true, .colour = true});
  EXPECT_NE(text.find("\x1b[31m (Local: Message timed out)\x1b[0m"), std::string::npos);
  for (const char* mark : {"\x1b[31m", "\x1b[1m", "\x1b[2m", "\x1b[0m"}) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark))
      text.erase(at, std::string{mark}.size());
  }
  EXPECT_EQ(text, console_tree({&batch, 1}, {.tree = true})) << "colour adds marks, and nothing else";
}

}  // namespace
}  // namespace waybill::exporters
