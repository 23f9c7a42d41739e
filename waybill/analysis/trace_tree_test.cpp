#include "waybill/analysis/trace_tree.h"

#include <gtest/gtest.h>

#include <set>
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

// "1 -2 --3": ids with a dash for each step of depth.
std::string drawn(const std::vector<Span>& spans, const TraceTree& tree) {
  std::string text;
  for (const TreeRow& row : tree.rows) {
    if (!text.empty()) text += ' ';
    text += std::string(static_cast<std::size_t>(row.depth), '-') +
            std::to_string(spans[row.span].span_id.bytes[7]);
  }
  return text;
}

std::string drawn(const std::vector<Span>& spans) { return drawn(spans, lay_out(spans, trace_id(1))); }

TEST(TraceTreeTest, ChildrenStandBelowTheirParentInTheOrderOfTheirStarts) {
  EXPECT_EQ(drawn({below(plain(3, "a", 5, 6), 1), below(plain(2, "a", 2, 4), 1), plain(1, "a", 1, 9),
                   below(plain(4, "a", 3, 4), 2)}),
            "1 -2 --4 -3");
}

TEST(TraceTreeTest, WhatHasOnlyALinkStandsBelowWhatItLinksTo) {
  const std::vector<Span> spans = {send(1, 7, 1, 2), poll(2, ref(1), 7, 3, 4), plain(3, "a", 1.5, 2)};
  const TraceTree tree = lay_out(spans, trace_id(1));
  EXPECT_EQ(drawn(spans, tree), "1 -2 3");
  EXPECT_EQ(tree.rows[0].linked_by, std::vector<std::size_t>{1});
  EXPECT_EQ(tree.rows[1].links, std::vector<std::optional<std::size_t>>{0});
  EXPECT_EQ(tree.start_ns, ns(1));
  EXPECT_EQ(tree.end_ns, ns(4));
}

TEST(TraceTreeTest, RootsOfTheAskedTraceComeFirst) {
  Span other = plain(5, "a", 0, 1);
  other.trace_id = trace_id(9);
  EXPECT_EQ(drawn({other, plain(1, "a", 3, 4), plain(2, "a", 2, 4)}), "2 1 5");
}

TEST(TraceTreeTest, AParentThatNobodyHasSeenIsSaid) {
  const std::vector<Span> spans = {below(plain(2, "a", 2, 4), 77)};
  const TraceTree tree = lay_out(spans, trace_id(1));
  EXPECT_EQ(drawn(spans, tree), "2");
  ASSERT_EQ(tree.missing.size(), 1U);
  EXPECT_EQ(tree.missing[0], "nobody has seen the parent 000000000000004d of a works of a");
}

TEST(TraceTreeTest, ALinkThatNobodyHasSeenHasNoSpan) {
  const std::vector<Span> spans = {poll(2, ref(1), 7, 3, 4)};
  EXPECT_EQ(lay_out(spans, trace_id(2)).rows[0].links, std::vector<std::optional<std::size_t>>{std::nullopt});
}

TEST(TraceTreeTest, RingsHaveAnEnd) {
  const std::vector<Span> spans = {below(plain(1, "a", 1, 2), 2), below(plain(2, "a", 1, 2), 1),
                                   below(plain(3, "a", 1, 2), 3)};
  const TraceTree tree = lay_out(spans, trace_id(1));
  EXPECT_EQ(drawn(spans, tree), "1 -2 3");
  EXPECT_EQ(tree.missing.size(), 2U);
}

TEST(TraceTreeTest, ASpanThatStandsTwiceCountsOnce) {
  EXPECT_EQ(drawn({plain(1, "a", 1, 2), plain(1, "a", 1, 2), below(plain(2, "a", 1, 2), 1)}), "1 -2");
}

TEST(TraceTreeTest, NothingIsLaidOutOfNothing) { EXPECT_TRUE(lay_out({}, trace_id(1)).rows.empty()); }

TEST(TraceTreeTest, EachSpanStandsOnceWhateverNamesWhat) {
  Dice dice(1);
  for (int round = 0; round < 2'000; ++round) {
    std::vector<Span> spans;
    for (std::uint32_t id = 1; id <= 12; ++id) {
      Span span = below(plain(id, "a", dice.below(9), dice.below(9)), dice.id_below(16));
      for (int links = dice.below(3); links > 0; --links)
        span.links.push_back(link_to(ref(dice.id_below(16))));
      spans.push_back(span);
    }
    const TraceTree tree = lay_out(spans, trace_id(1));
    std::set<std::size_t> seen;
    for (const TreeRow& row : tree.rows) seen.insert(row.span);
    ASSERT_EQ(tree.rows.size(), spans.size());
    ASSERT_EQ(seen.size(), spans.size());
  }
}

}  // namespace
}  // namespace waybill::analysis
