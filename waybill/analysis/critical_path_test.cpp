#include "waybill/analysis/critical_path.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "waybill/analysis/testing/dice.h"
#include "waybill/analysis/testing/story.h"

namespace waybill::analysis {
namespace {

using evidence::Span;
using namespace testing;  // NOLINT(google-build-using-namespace): the words of the stories

Span below(Span span, std::uint32_t parent) {
  span.parent_id = span_id(parent);
  return span;
}

Span with_queue(Span span, double queue_ms) {
  span.queue_ms = queue_ms;
  return span;
}

// "other 0-10, client_queue 10-11": seconds.
std::string drawn(const CriticalPath& path) {
  const auto seconds = [](std::int64_t time_ns) {
    std::string text = std::to_string(static_cast<double>(time_ns) / 1e9);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
  };
  std::string text;
  for (const PathSegment& segment : path.segments) {
    if (!text.empty()) text += ", ";
    text +=
        std::string(name_of(segment.part)) + " " + seconds(segment.from_ns) + "-" + seconds(segment.to_ns);
  }
  return text;
}

std::string drawn(const std::vector<Span>& spans) { return drawn(find_critical_path(spans, trace_id(1))); }

// A request at 0, in which shop sends at 10; the answer comes at 12, the processing runs from 20 to 25.
std::vector<Span> order() {
  return {plain(1, "shop", 0, 11), below(with_queue(send(2, 7, 10, 12), 500), 1),
          process(3, ref(2), 7, 20, 25)};
}

TEST(CriticalPathTest, GoesThroughKafka) {
  EXPECT_EQ(drawn(order()), "other 0-10, client_queue 10-10.5, broker 10.5-12, log 12-20, processing 20-25");
}

TEST(CriticalPathTest, FollowsALinkIntoAnotherTrace) {
  std::vector<Span> spans = order();
  spans[2].trace_id = trace_id(5);
  spans[2].parent_id = {};
  EXPECT_EQ(drawn(spans), "other 0-10, client_queue 10-10.5, broker 10.5-12, log 12-20, processing 20-25");
}

TEST(CriticalPathTest, FollowsAMessageThatHasOnlyItsParent) {
  std::vector<Span> spans = order();
  spans[2].links.clear();
  EXPECT_EQ(drawn(spans), "other 0-10, client_queue 10-10.5, broker 10.5-12, log 12-20, processing 20-25");
}

TEST(CriticalPathTest, FollowsTwoHopsAndLeavesOutCommits) {
  std::vector<Span> spans = order();
  spans.push_back(below(send(4, 8, 23, 24), 3));
  spans.push_back(process(5, ref(4), 8, 30, 31));
  spans.push_back(below(commit(6, 8, 31, 40), 5));
  EXPECT_EQ(drawn(spans),
            "other 0-10, client_queue 10-10.5, broker 10.5-12, log 12-20, processing 20-23, broker 23-24, "
            "log 24-30, "
            "processing 30-31");
}

TEST(CriticalPathTest, OfABatchTheMessageCountsThatWasAnsweredLast) {
  std::vector<Span> spans = order();
  spans.push_back(send(4, 8, 14, 15));
  Span& batch = spans[2];
  batch.parent_id = {};
  batch.messages = 2;
  batch.links = {link_to(ref(2), orders(7)), link_to(ref(4), orders(8))};
  EXPECT_EQ(drawn(spans), "broker 14-15, log 15-20, processing 20-25");
}

TEST(CriticalPathTest, PartsOfProcessingAreToldApart) {
  std::vector<Span> spans = order();
  spans.push_back(below(plain(4, "database", 21, 22), 3));
  spans.push_back(below(plain(5, "database", 22.5, 24), 3));
  spans.push_back(below(plain(6, "database", 23, 23.5), 5));
  EXPECT_EQ(drawn(spans),
            "other 0-10, client_queue 10-10.5, broker 10.5-12, log 12-20, processing 20-21, other 21-22, "
            "processing 22-22.5, other 22.5-23, other 23-23.5, other 23.5-24, processing 24-25");
}

TEST(CriticalPathTest, WhatWaitsBehindOthersOfAPollWaits) {
  std::vector<Span> spans = order();
  Span got = poll(4, ref(2), 7, 13, 14);
  got.trace_id = trace_id(1);
  spans.push_back(got);
  EXPECT_EQ(drawn(spans),
            "other 0-10, client_queue 10-10.5, broker 10.5-12, log 12-14, wait 14-20, processing 20-25");
}

TEST(CriticalPathTest, APollIsTheEndWhereNoProcessingIsSeen) {
  std::vector<Span> spans = order();
  spans[2] = poll(3, ref(2), 7, 13, 20);
  EXPECT_EQ(drawn(spans), "other 0-10, client_queue 10-10.5, broker 10.5-12, log 12-20");
}

TEST(CriticalPathTest, AMessageThatIsGotBeforeItsAnswerWasInNoLog) {
  std::vector<Span> spans = order();
  spans[2].start_ns = ns(11);
  EXPECT_EQ(drawn(spans), "other 0-10, client_queue 10-10.5, broker 10.5-11, processing 11-25");
  EXPECT_TRUE(find_critical_path(spans, trace_id(1)).missing.empty());
}

TEST(CriticalPathTest, ClocksThatDisagreeAreSaid) {
  std::vector<Span> spans = order();
  spans[2].start_ns = ns(5);
  spans[2].end_ns = ns(9);
  spans[0].end_ns = ns(8);
  spans.erase(spans.begin());
  spans[0].parent_id = {};
  spans[1].end_ns = ns(14);
  const CriticalPath path = find_critical_path(spans, trace_id(1));
  EXPECT_EQ(drawn(path), "processing 5-14");
  ASSERT_EQ(path.missing.size(), 1U);
  EXPECT_EQ(path.missing[0],
            "clocks disagree: send orders of shop begins after process orders of billing-service, which "
            "follows from it");
}

TEST(CriticalPathTest, ASendThatNobodyHasSeenEndsThePath) {
  std::vector<Span> spans = order();
  spans.erase(spans.begin() + 1);
  const CriticalPath path = find_critical_path(spans, trace_id(1));
  EXPECT_EQ(drawn(path), "processing 20-25");
  EXPECT_EQ(path.missing.at(0), "nobody has seen the send of a message of process orders of billing-service");
}

TEST(CriticalPathTest, WorkThatBeginsAfterItsParentEndedWaited) {
  EXPECT_EQ(drawn({plain(1, "a", 0, 2), below(plain(2, "b", 5, 6), 1)}), "other 0-2, wait 2-5, other 5-6");
}

TEST(CriticalPathTest, RingsHaveAnEnd) {
  std::vector<Span> spans = order();
  spans[0].parent_id = span_id(3);
  const CriticalPath path = find_critical_path(spans, trace_id(1));
  EXPECT_EQ(drawn(path), "other 0-10, client_queue 10-10.5, broker 10.5-12, log 12-20, processing 20-25");
  ASSERT_FALSE(path.missing.empty());
  EXPECT_EQ(path.missing.back(), "process orders of billing-service follows from itself");
}

TEST(CriticalPathTest, NothingLeadsToNothing) {
  EXPECT_TRUE(find_critical_path({}, trace_id(1)).segments.empty());
  EXPECT_TRUE(find_critical_path(order(), trace_id(8)).segments.empty());
}

Span random_span(Dice& dice, std::uint32_t id) {
  const double start = dice.below(50);
  Span span = plain(id, "a", start, start + dice.below(20) - 2);
  span.operation = static_cast<evidence::Operation>(dice.below(7));
  if (dice.below(2) == 0) span.parent_id = span_id(dice.id_below(20));
  for (int links = dice.below(3); links > 0; --links) span.links.push_back(link_to(ref(dice.id_below(20))));
  if (dice.below(2) == 0) span.queue_ms = dice.below(9'000);
  return span;
}

std::int64_t end_of_work(const std::vector<Span>& spans) {
  std::int64_t last_ns = 0;
  for (const Span& span : spans) {
    const bool is_aside =
        span.operation == evidence::Operation::kSettle || span.operation == evidence::Operation::kTransaction;
    if (!is_aside) last_ns = std::max(last_ns, span.end_ns);
  }
  return last_ns;
}

TEST(CriticalPathTest, SegmentsFollowEachOtherWithoutAGapWhateverNamesWhat) {
  Dice dice(3);
  for (int round = 0; round < 2'000; ++round) {
    std::vector<Span> spans;
    for (std::uint32_t id = 1; id <= 16; ++id) spans.push_back(random_span(dice, id));
    const auto segments = find_critical_path(spans, trace_id(1)).segments;
    for (std::size_t next = 0; next < segments.size(); ++next) {
      ASSERT_LT(segments[next].from_ns, segments[next].to_ns);
      ASSERT_EQ(segments[next].from_ns, next == 0 ? segments[0].from_ns : segments[next - 1].to_ns);
    }
    ASSERT_TRUE(segments.empty() || segments.back().to_ns == end_of_work(spans));
  }
}

}  // namespace
}  // namespace waybill::analysis
