#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "waybill/analysis/message_way.h"
#include "waybill/analysis/testing/dice.h"
#include "waybill/analysis/testing/story.h"

namespace waybill::analysis {
namespace {

using evidence::Span;
using namespace testing;  // NOLINT(google-build-using-namespace): the words of the stories

// A group that reads a partition, with accidents: members that die, seeks, errors, retention, and in some
// worlds members without telemetry. Knows what truly happened, and what all of its telemetry says.
class World {
 public:
  explicit World(std::uint32_t seed) : dice_(seed) {
    for (int offset = 0; offset < kMessages; ++offset) {
      spans_.push_back(send(send_id(offset), offset, 1 + 0.1 * offset, 1.05 + 0.1 * offset));
    }
    has_untraced_members_ = below(3) == 0;
    knows_members_ = below(4) != 0;
    for (int event = 0; event < 25; ++event) happen();
    now_ = clock_ + below(200);
    asked_committed_ = committed_;
    // Metrics come later than spans do.
    const double late = below(3) == 0 ? below(40) : 0;
    counted_until_ = now_ - late;
  }

  static constexpr int kMessages = 14;
  static std::uint32_t send_id(int offset) { return 1'000 + static_cast<std::uint32_t>(offset); }

  bool was_handed_over(int offset) const { return handed_over_.contains(offset); }
  bool was_processed(int offset) const { return processed_.contains(offset); }
  bool is_pending(int offset) const {
    return !was_handed_over(offset) && asked_committed_ <= offset && offset >= log_start_;
  }

  // All that is known of a message, but for the spans whose numbers are in `without`.
  MessageEvidence evidence_of(int offset, const std::set<std::size_t>& without) const {
    MessageEvidence evidence;
    evidence.place = orders(offset);
    evidence.logs = {log_of(log_start_, kMessages, now_)};
    evidence.now_ns = ns(now_);
    GroupEvidence group{.group = "billing",
                        .coverage = {},
                        .all_members_traced = {},
                        .committed = {committed(asked_committed_, now_)}};
    group.coverage = {.from_ns = 0,
                      .until_ns = ns(counted_until_),
                      .counted = 0,
                      .traced = 0,
                      .is_sampled = false,
                      .dropped = 0};
    for (std::size_t number = 0; number < spans_.size(); ++number) {
      const bool is_here = !without.contains(number);
      const Span& span = spans_[number];
      if (is_here) evidence.spans.push_back(span);
      if (span.operation != evidence::Operation::kProcess || span.start_ns > ns(counted_until_)) continue;
      *group.coverage.counted += span.messages;
      if (is_here) group.coverage.traced += span.messages;
    }
    if (knows_members_) group.all_members_traced = !has_untraced_members_;
    evidence.groups = {group};
    return evidence;
  }

  std::set<std::size_t> some_spans() {
    std::set<std::size_t> some;
    const int share = 2 + below(40);
    for (std::size_t number = 0; number < spans_.size(); ++number) {
      if (below(share) == 0) some.insert(number);
    }
    return some;
  }

 private:
  void happen() {
    clock_ += 2;
    switch (below(12)) {
      case 0:
        position_ = committed_;
        ++member_;
        return;  // another member begins
      case 1:
        position_ = std::min(kMessages, position_ + below(4));
        return;  // a seek, or a reset
      case 2:
        log_start_ = std::min(kMessages, log_start_ + below(3));
        return;
      case 3:
      case 4:
        commit_position();
        return;
      case 5:
        consume_batch();
        return;
      case 6:
        if (has_untraced_members_) return consume_untraced();
        [[fallthrough]];
      default:
        consume_one();
    }
  }

  void consume_one() {
    position_ = std::max(position_, log_start_);
    if (position_ >= kMessages) return;
    const int offset = position_++;
    Span span = process(next_id_++, ref(send_id(offset)), offset, clock_, clock_ + 0.5);
    span.instance = "member-" + std::to_string(member_);
    span.failed = below(6) == 0;
    span.unfinished = !span.failed && below(6) == 0;
    remember(span, {offset});
    if (!span.unfinished) return;
    // It may have committed before it died.
    if (below(2) == 0) committed_ = position_;
    position_ = committed_;
    ++member_;
  }

  // A batch may have more messages than links.
  void consume_batch() {
    position_ = std::max(position_, log_start_);
    const int size = std::min(kMessages - position_, 2 + below(3));
    if (size < 2) return;
    const int named = below(2) == 0 ? size : size - 1;
    Span span = process(next_id_++, {}, -1, clock_, clock_ + 0.5);
    span.trace_id = trace_id(3);
    span.instance = "member-" + std::to_string(member_);
    span.place = {"orders", 3, -1};
    span.messages = static_cast<std::uint32_t>(size);
    span.links.clear();
    std::vector<int> offsets;
    for (int index = 0; index < size; ++index) {
      const int offset = position_++;
      offsets.push_back(offset);
      if (index < named) span.links.push_back(link_to(ref(send_id(offset)), orders(offset)));
    }
    remember(span, offsets);
  }

  void remember(const Span& span, const std::vector<int>& offsets) {
    spans_.push_back(span);
    handed_over_.insert(offsets.begin(), offsets.end());
    if (!span.failed && !span.unfinished) processed_.insert(offsets.begin(), offsets.end());
  }

  void commit_position() {
    if (position_ > 0 && below(2) == 0)
      spans_.push_back(commit(next_id_++, position_ - 1, clock_, clock_ + 0.1));
    committed_ = position_;
  }

  // Gets messages from where the group stands, and leaves no span and no number. It may end before it
  // commits.
  void consume_untraced() {
    position_ = std::max(committed_, log_start_);
    for (int count = below(5); count > 0 && position_ < kMessages; --count) {
      handed_over_.insert(position_);
      processed_.insert(position_++);
    }
    if (below(3) != 0) committed_ = position_;
    position_ = committed_;
    ++member_;
  }

  int below(int bound) { return dice_.below(bound); }

  Dice dice_;
  double clock_ = 10;
  double now_ = 0;
  double counted_until_ = 0;
  int position_ = 0;
  int committed_ = 0;
  int asked_committed_ = 0;
  int log_start_ = 0;
  int member_ = 1;
  bool has_untraced_members_ = false;
  bool knows_members_ = true;
  std::uint32_t next_id_ = 1;
  std::vector<Span> spans_;
  std::set<int> handed_over_;
  std::set<int> processed_;
};

State state_of(const MessageEvidence& evidence) { return explain(evidence).groups.at(0).verdict.state; }

TEST(MessageWayPropertyTest, NoLossIsFoundThatDidNotHappenAndWhatIsPendingIsNeverLost) {
  int losses = 0;
  for (std::uint32_t seed = 0; seed < 1'000; ++seed) {
    const World world(seed);
    for (int offset = 0; offset < World::kMessages; ++offset) {
      const State state = state_of(world.evidence_of(offset, {}));
      if (!is_loss(state)) continue;
      ++losses;
      ASSERT_FALSE(world.was_processed(offset))
          << "seed " << seed << ", offset " << offset << ": " << name_of(state);
      ASSERT_FALSE(world.is_pending(offset))
          << "seed " << seed << ", offset " << offset << ": " << name_of(state);
    }
  }
  EXPECT_GT(losses, 300) << "worlds in which nothing is lost prove nothing";
}

TEST(MessageWayPropertyTest, FewerSpansNeverFindALossThatAllSpansDoNot) {
  int still_found = 0;
  for (std::uint32_t seed = 0; seed < 1'000; ++seed) {
    World world(seed);
    const std::set<std::size_t> without = world.some_spans();
    for (int offset = 0; offset < World::kMessages; ++offset) {
      const State state = state_of(world.evidence_of(offset, without));
      if (!is_loss(state)) continue;
      ++still_found;
      const State full = state_of(world.evidence_of(offset, {}));
      ASSERT_TRUE(is_loss(full)) << "seed " << seed << ", offset " << offset << ": " << name_of(state)
                                 << ", but " << name_of(full);
      ASSERT_FALSE(world.is_pending(offset)) << "seed " << seed << ", offset " << offset;
    }
  }
  EXPECT_GT(still_found, 50);
}

TEST(MessageWayPropertyTest, TheOrderOfWhatIsKnownDoesNotMatter) {
  Dice dice(7);
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    const World world(seed);
    for (int offset = 0; offset < World::kMessages; ++offset) {
      MessageEvidence evidence = world.evidence_of(offset, {});
      const MessageWay before = explain(evidence);
      std::shuffle(evidence.spans.begin(), evidence.spans.end(), dice.source());
      const MessageWay after = explain(evidence);
      ASSERT_EQ(before.verdict.state, after.verdict.state) << "seed " << seed << ", offset " << offset;
      ASSERT_EQ(before.groups.at(0).steps.size(), after.groups.at(0).steps.size());
    }
  }
}

}  // namespace
}  // namespace waybill::analysis
