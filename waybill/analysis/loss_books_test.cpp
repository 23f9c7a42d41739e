#include "waybill/analysis/loss_books.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "waybill/analysis/testing/dice.h"
#include "waybill/analysis/testing/story.h"

namespace waybill::analysis {
namespace {

using evidence::Persistence;
using namespace testing;  // NOLINT(google-build-using-namespace): the words of the stories

SendTally by_metrics(std::string error, double messages) {
  return {.topic = "orders",
          .error = std::move(error),
          .persistence = Persistence::kUnknown,
          .messages = messages,
          .from_metrics = true};
}

SendTally by_spans(std::string error, Persistence persistence, double messages) {
  return {.topic = "orders",
          .error = std::move(error),
          .persistence = persistence,
          .messages = messages,
          .from_metrics = false};
}

GroupTally billing(double processed, std::optional<double> pending) {
  return {.group = "billing",
          .topic = "orders",
          .processed = processed,
          .failed = 0,
          .duplicated = 0,
          .pending = pending,
          .gone = 0};
}

NamedLoss loss(std::int64_t offset, State state, std::string group = "billing") {
  NamedLoss one;
  one.message.place = orders(offset);
  one.group = std::move(group);
  one.time_ns = ns(static_cast<double>(offset));
  one.verdict.state = state;
  return one;
}

TEST(LossBooksTest, SpansSayHowWhatMetricsCountEnded) {
  LossInput input;
  input.sends = {by_metrics("", 1'000),
                 by_metrics("_MSG_TIMED_OUT", 100),
                 by_metrics("TOPIC_AUTHORIZATION_FAILED", 7),
                 by_spans("", Persistence::kPersisted, 90),
                 by_spans("_MSG_TIMED_OUT", Persistence::kNotPersisted, 3),
                 by_spans("_MSG_TIMED_OUT", Persistence::kPossiblyPersisted, 1),
                 by_spans("_QUEUE_FULL", Persistence::kUnknown, 5)};
  input.in_flight = {{"orders", 4}};
  const ProducedBooks books = balance(input).topics.at(0).produced;
  EXPECT_EQ(books.acknowledged, 1'000);
  EXPECT_EQ(books.rejected, 75 + 5)
      << "three of four timed out in the client; metrics of no client count a full queue";
  EXPECT_EQ(books.possibly_persisted, 25);
  EXPECT_EQ(books.failed, 7);
  EXPECT_EQ(books.in_flight, 4);
  EXPECT_EQ(books.attempted, 1'000 + 80 + 25 + 7 + 4);
  ASSERT_EQ(books.errors.size(), 3U);
  EXPECT_EQ(books.errors[0].error, "_MSG_TIMED_OUT");
  EXPECT_EQ(books.errors[0].messages, 100);
}

TEST(LossBooksTest, WithoutSpansWhatMayHavePersistedIsInDoubt) {
  LossInput input;
  input.sends = {by_metrics("_MSG_TIMED_OUT", 100)};
  const ProducedBooks books = balance(input).topics.at(0).produced;
  EXPECT_EQ(books.possibly_persisted, 100);
  EXPECT_FALSE(books.in_flight);
  EXPECT_EQ(books.attempted, 100);
}

TEST(LossBooksTest, WithoutMetricsSpansCountAndThatIsSaid) {
  LossInput input;
  input.sends = {by_spans("", Persistence::kPersisted, 90)};
  const LossBooks books = balance(input);
  EXPECT_EQ(books.topics.at(0).produced.acknowledged, 90);
  EXPECT_EQ(books.reasons_for_unknown.at(0),
            "sends are counted by spans: no metric says how many there were");
}

TEST(LossBooksTest, WhatAGroupDidAndDidNotDoIsAllThatWasAcknowledged) {
  LossInput input;
  input.sends = {by_metrics("", 100)};
  input.groups = {billing(85, 5)};
  input.groups[0].failed = 2;
  input.groups[0].duplicated = 5;
  input.named = {loss(1, State::kSkipped),           loss(2, State::kSkipped),
                 loss(9, State::kExpired),           loss(20, State::kLostByBroker, ""),
                 loss(30, State::kSkipped, "stock"), loss(40, State::kFailed)};
  const GroupBooks books = balance(input).topics.at(0).groups.at(0);
  EXPECT_EQ(books.acknowledged, 100);
  EXPECT_EQ(books.processed, 80);
  EXPECT_EQ(books.pending, 5);
  EXPECT_EQ(books.skipped, 2);
  EXPECT_EQ(books.lost, 2);
  EXPECT_EQ(books.unknown, 11);
  EXPECT_EQ(books.failed, 2);
  EXPECT_EQ(books.duplicated, 5);
}

TEST(LossBooksTest, WhatTheLogsStartHasOvertakenIsLost) {
  LossInput input;
  input.sends = {by_metrics("", 100)};
  input.groups = {billing(60, 0)};
  input.groups[0].gone = 40;
  const GroupBooks books = balance(input).topics.at(0).groups.at(0);
  EXPECT_EQ(books.lost, 40);
  EXPECT_EQ(books.unknown, 0);
}

TEST(LossBooksTest, WhatIsNotKnownOfAGroupHasAReason) {
  LossInput input;
  input.sends = {by_metrics("", 100)};
  input.groups = {billing(0, std::nullopt)};
  const LossBooks books = balance(input);
  EXPECT_EQ(books.topics.at(0).groups.at(0).unknown, 100);
  EXPECT_EQ(books.reasons_for_unknown,
            (std::vector<std::string>{"nothing says how far billing is behind in orders",
                                      "nothing that billing did in orders is known"}));
}

TEST(LossBooksTest, BooksBalanceWhateverIsCounted) {
  Dice dice(11);
  const std::vector<std::string> errors = {"",   "", "_MSG_TIMED_OUT", "_QUEUE_FULL", "POLICY_VIOLATION",
                                           "NEW"};
  for (int round = 0; round < 3'000; ++round) {
    LossInput input;
    for (int count = dice.below(8); count > 0; --count) {
      const auto& error = errors[static_cast<std::size_t>(dice.below(6))];
      const double messages = dice.below(1'000) - 10;
      const auto persistence = static_cast<Persistence>(dice.below(4));
      input.sends.push_back(dice.below(2) == 0 ? by_metrics(error, messages)
                                               : by_spans(error, persistence, messages));
    }
    if (dice.below(2) == 0) input.in_flight = {{"orders", dice.below(50)}};
    input.groups = {
        billing(dice.below(2'000), dice.below(2) == 0 ? std::nullopt : std::optional(1.0 * dice.below(900)))};
    input.groups[0].duplicated = dice.below(100);
    input.groups[0].gone = dice.below(100);
    for (int count = dice.below(30); count > 0; --count) {
      input.named.push_back(
          loss(dice.below(20), static_cast<State>(dice.below(15)), dice.below(2) == 0 ? "" : "billing"));
    }
    const TopicBooks topic = balance(input).topics.at(0);
    const ProducedBooks& produced = topic.produced;
    ASSERT_NEAR(produced.attempted,
                produced.rejected + produced.acknowledged + produced.failed + produced.possibly_persisted +
                    produced.in_flight.value_or(0),
                1e-6);
    const GroupBooks& group = topic.groups.at(0);
    ASSERT_EQ(group.acknowledged, produced.acknowledged);
    ASSERT_NEAR(group.acknowledged,
                group.processed + group.pending + group.skipped + group.lost + group.unknown, 1e-6);
    ASSERT_GE(std::min({group.processed, group.pending, group.skipped, group.lost, group.unknown}), 0);
  }
}

TEST(LossBooksTest, NeighboursWithOneFateAreARun) {
  auto runs = join_runs({loss(7, State::kSkipped), loss(5, State::kSkipped), loss(6, State::kSkipped),
                         loss(9, State::kSkipped), loss(8, State::kExpired),
                         loss(6, State::kSkipped, "stock"), loss(6, State::kSkipped)});
  std::sort(runs.begin(), runs.end(), [](const NamedLoss& left, const NamedLoss& right) {
    return std::tie(left.group, left.message.place.offset) <
           std::tie(right.group, right.message.place.offset);
  });
  ASSERT_EQ(runs.size(), 4U);
  EXPECT_EQ(runs[0].message.place.offset, 5);
  EXPECT_EQ(runs[0].last_offset, 7);
  EXPECT_EQ(runs[1].message.place.offset, 8);
  EXPECT_EQ(runs[1].last_offset, std::nullopt);
  EXPECT_EQ(runs[2].message.place.offset, 9);
  EXPECT_EQ(runs[3].group, "stock");
}

TEST(LossBooksTest, MessagesWithoutAnOffsetStandAlone) {
  EXPECT_EQ(join_runs({loss(-1, State::kNeverSent), loss(-1, State::kNeverSent)}).size(), 2U);
}

TEST(LossBooksTest, AMessageThatEverybodyLostHasOneEntry) {
  MessageEvidence evidence;
  evidence.context = ref(1);
  evidence.spans = {failed_send(1, "_QUEUE_FULL", Persistence::kUnknown)};
  evidence.groups = {{.group = "billing", .coverage = {}, .committed = {}},
                     {.group = "stock", .coverage = {}, .committed = {}}};
  const auto losses = losses_of(explain(evidence));
  ASSERT_EQ(losses.size(), 1U);
  EXPECT_EQ(losses[0].group, "");
  EXPECT_EQ(losses[0].service, "shop");
  EXPECT_EQ(losses[0].time_ns, ns(10));
}

TEST(LossBooksTest, AMessageThatOneGroupFailedWithHasThatGroupsEntry) {
  MessageEvidence evidence;
  evidence.context = ref(1);
  evidence.spans = {send(1, 7, 10, 11), process(2, ref(1), 7, 12, 13), process(3, ref(1), 7, 12, 13)};
  evidence.spans[1].failed = true;
  evidence.spans[2].group = "stock";
  const auto losses = losses_of(explain(evidence));
  ASSERT_EQ(losses.size(), 1U);
  EXPECT_EQ(losses[0].group, "billing");
  EXPECT_EQ(losses[0].verdict.state, State::kFailed);
  EXPECT_EQ(losses[0].service, "billing-service");
}

TEST(LossBooksTest, WhatIsProcessedOrPendingIsNoLoss) {
  MessageEvidence evidence;
  evidence.context = ref(1);
  evidence.spans = {send(1, 7, 10, 11), process(2, ref(1), 7, 12, 13)};
  evidence.groups = {{.group = "stock", .coverage = {}, .committed = {}}};
  EXPECT_TRUE(losses_of(explain(evidence)).empty());
}

}  // namespace
}  // namespace waybill::analysis
