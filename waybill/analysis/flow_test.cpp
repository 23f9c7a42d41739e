#include "waybill/analysis/flow.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "waybill/analysis/testing/story.h"

namespace waybill::analysis {
namespace {

using evidence::Operation;
using evidence::Span;
using namespace testing;  // NOLINT(google-build-using-namespace): the words of the stories

FlowCounts sends(double messages, double duration_ms = 10) {
  FlowCounts counts;
  counts.messages = messages;
  counts.duration.add(duration_ms, messages);
  counts.queue.add(2, messages);
  counts.broker.add(duration_ms - 2, messages);
  return counts;
}

FlowCounts got(double messages, double log_ms, double processing_ms) {
  FlowCounts counts;
  counts.messages = messages;
  counts.log.add(log_ms, messages);
  counts.processing.add(processing_ms, messages);
  return counts;
}

FlowKey to(const std::string& service, const std::string& topic) {
  return {service, topic, "", Operation::kSend};
}

FlowKey from(const std::string& topic, const std::string& group, const std::string& service) {
  return {service, topic, group, Operation::kProcess};
}

// shop → orders → billing (ledger) → invoices → mailing (mailer) → mails → audit (auditor); and orders →
// stock (store).
FlowInput shop() {
  FlowInput input;
  input.from_ns = ns(0);
  input.to_ns = ns(100);
  input.counts = {
      {to("shop", "orders"), sends(1'000)},
      {from("orders", "billing", "ledger"), got(1'000, 50, 20)},
      {from("orders", "stock", "store"), got(1'000, 5, 5)},
      {to("ledger", "invoices"), sends(1'000)},
      {from("invoices", "mailing", "mailer"), got(900, 5, 5)},
      {to("mailer", "mails"), sends(900)},
      {from("mails", "audit", "auditor"), got(900, 5, 5)},
  };
  return input;
}

GroupReport lag_of(const std::string& group, const std::string& topic, LagState state, double lag,
                   double wait_ms) {
  GroupReport report;
  report.group = group;
  report.topic = topic;
  report.state = state;
  report.lag = lag;
  report.lag_time_ms = wait_ms;
  report.text = group + " is " + std::string(name_of(state)) + ".";
  return report;
}

const FlowEdge& edge(const Flow& flow, const std::string& start, const std::string& end) {
  const auto found = std::find_if(flow.edges.begin(), flow.edges.end(),
                                  [&](const FlowEdge& one) { return one.from == start && one.to == end; });
  static const FlowEdge kNone;
  EXPECT_NE(found, flow.edges.end()) << start << " to " << end;
  return found == flow.edges.end() ? kNone : *found;
}

TEST(FlowTest, NodesAndEdgesSayWhatFlows) {
  const Flow flow = describe_flow(shop());
  EXPECT_EQ(flow.nodes.size(), 5U + 3U + 4U);
  EXPECT_EQ(flow.edges.size(), 3U + 4U + 4U);
  const FlowEdge& sent = edge(flow, "service:shop", "topic:orders");
  EXPECT_EQ(sent.messages, 1'000);
  EXPECT_EQ(sent.per_s, 10);
  EXPECT_NEAR(sent.latency.value().p95_ms, 10, 0.4);
  EXPECT_NEAR(sent.client_queue_ms.value(), 2, 0.1);
  EXPECT_NEAR(sent.broker_ms.value(), 8, 0.1);
  EXPECT_FALSE(sent.log_ms);
  const FlowEdge& read = edge(flow, "topic:orders", "group:billing");
  EXPECT_NEAR(read.latency.value().p50_ms, 50, 2);
  EXPECT_FALSE(read.processing_ms);
  EXPECT_NEAR(edge(flow, "group:billing", "service:ledger").latency.value().p50_ms, 20, 1);
  EXPECT_TRUE(flow.is_scaled);
}

TEST(FlowTest, AKeyThatStandsTwiceIsSummed) {
  FlowInput input = shop();
  input.counts.emplace_back(to("shop", "orders"), sends(500));
  EXPECT_EQ(edge(describe_flow(input), "service:shop", "topic:orders").messages, 1'500);
}

TEST(FlowTest, WhatIsReceivedAndProcessedCountsOnce) {
  FlowInput input = shop();
  FlowKey polled = from("orders", "billing", "ledger");
  polled.operation = Operation::kReceive;
  input.counts.emplace_back(polled, got(1'000, 50, 20));
  EXPECT_EQ(edge(describe_flow(input), "topic:orders", "group:billing").messages, 1'000);
  input.counts.erase(input.counts.begin() + 1);
  EXPECT_EQ(edge(describe_flow(input), "topic:orders", "group:billing").messages, 1'000)
      << "where no processing is seen";
}

TEST(FlowTest, AGroupOfSeveralServicesIsOneNode) {
  FlowInput input = shop();
  input.counts.emplace_back(from("orders", "billing", "ledger2"), got(500, 50, 20));
  const Flow flow = describe_flow(input);
  const auto group = std::find_if(flow.nodes.begin(), flow.nodes.end(),
                                  [](const auto& node) { return node.name == "billing"; });
  EXPECT_EQ(group->services, (std::vector<std::string>{"ledger", "ledger2"}));
  EXPECT_EQ(edge(flow, "topic:orders", "group:billing").messages, 1'500);
}

TEST(FlowTest, AConsumerWithoutAGroupIsItsService) {
  FlowInput input = shop();
  input.counts.emplace_back(from("orders", "", "viewer"), got(10, 50, 20));
  EXPECT_EQ(edge(describe_flow(input), "topic:orders", "service:viewer").messages, 10);
}

TEST(FlowTest, TheBottleneckIsWhereTheTimeGoes) {
  EXPECT_EQ(describe_flow(shop()).bottleneck.value().node, "group:billing");
  EXPECT_EQ(describe_flow(shop()).bottleneck.value().text, "Messages of orders wait 50 ms for billing.");
  FlowInput slow_broker = shop();
  slow_broker.counts[3].second = sends(1'000, 4'000);
  EXPECT_EQ(describe_flow(slow_broker).bottleneck.value().node, "topic:invoices");
  FlowInput behind = shop();
  behind.lags = {lag_of("mailing", "invoices", LagState::kFallingBehind, 4'000, 90'000)};
  EXPECT_EQ(describe_flow(behind).bottleneck.value().text,
            "4,000 messages of invoices wait for mailing, the oldest for 90 s.");
}

TEST(FlowTest, WhereTheTimeGoesEverywhereThereIsNoBottleneck) {
  FlowInput input = shop();
  input.counts[1].second = got(1'000, 5, 5);
  EXPECT_FALSE(describe_flow(input).bottleneck);
  EXPECT_FALSE(describe_flow({}).bottleneck);
}

TEST(FlowTest, WhoWaitsBehindAStoppedGroupIsFollowedThroughItsServices) {
  FlowInput input = shop();
  input.lags = {lag_of("billing", "orders", LagState::kStopped, 300, 60'000),
                lag_of("stock", "orders", LagState::kUpToDate, 0, 0)};
  const Flow flow = describe_flow(input);
  ASSERT_EQ(flow.impact.size(), 1U);
  const Impact& impact = flow.impact[0];
  EXPECT_EQ(impact.node, "group:billing");
  EXPECT_EQ(impact.state, HoldUp::kStopped);
  ASSERT_EQ(impact.waiting.size(), 3U);
  EXPECT_EQ(impact.waiting[0].node, "topic:orders");
  EXPECT_EQ(impact.waiting[0].messages, 300);
  EXPECT_EQ(impact.waiting[0].wait_ms, 60'000);
  EXPECT_EQ(impact.waiting[1].node, "group:mailing");
  EXPECT_EQ(impact.waiting[2].node, "group:audit");
  EXPECT_EQ(impact.text, "billing is stopped. What it would send is what mailing and audit wait for.");
}

TEST(FlowTest, WhetherTheLagGrowsOrNotAGroupHoldsOthersUpWhereMessagesWaitLong) {
  for (const LagState state : {LagState::kCatchingUp, LagState::kFallingBehind}) {
    FlowInput input = shop();
    input.lags = {lag_of("billing", "orders", state, 300, 180'000)};
    ASSERT_EQ(describe_flow(input).impact.size(), 1U) << name_of(state);
    EXPECT_EQ(describe_flow(input).impact[0].state, HoldUp::kSlow);
    input.lags = {lag_of("billing", "orders", state, 25, 442)};
    EXPECT_TRUE(describe_flow(input).impact.empty()) << name_of(state);
  }
}

TEST(FlowTest, AGrowingLagCountsWhereNothingSaysHowLongMessagesWait) {
  FlowInput input = shop();
  input.lags = {lag_of("billing", "orders", LagState::kFallingBehind, 300, 0)};
  input.lags[0].lag_time_ms.reset();
  EXPECT_EQ(describe_flow(input).impact.size(), 1U);
}

TEST(FlowTest, RingsOfServicesHaveAnEnd) {
  FlowInput input = shop();
  input.counts.emplace_back(to("auditor", "orders"), sends(10));
  input.lags = {lag_of("billing", "orders", LagState::kSlow, 300, 60'000)};
  const Flow flow = describe_flow(input);
  ASSERT_EQ(flow.impact.size(), 1U);
  EXPECT_EQ(flow.impact[0].waiting.size(), 4U) << "orders, mailing, audit, stock";
}

TEST(FlowTest, WhatFailsHoldsOthersUpToo) {
  FlowInput input = shop();
  input.counts[0].second.errors = 500;
  input.counts[4].second.errors = 300;
  input.counts[6].second.errors = 1;
  input.lags = {lag_of("stock", "orders", LagState::kStopped, 10, 1'000)};
  const Flow flow = describe_flow(input);
  ASSERT_EQ(flow.impact.size(), 3U);
  EXPECT_EQ(flow.impact[0].node, "group:stock") << "the worst first";
  EXPECT_EQ(flow.impact[1].text,
            "mailing fails with 300 of 900 messages. What it would send is what audit waits for.");
  EXPECT_EQ(flow.impact[2].node, "service:shop");
  EXPECT_EQ(flow.impact[2].state, HoldUp::kFailing);
}

TEST(FlowTest, AGroupThatShowsNoSpansIsThereByItsLag) {
  FlowInput input = shop();
  input.lags = {lag_of("legacy", "orders", LagState::kKeepingUp, 3, 100)};
  input.lags[0].processing_per_s = 2;
  const Flow flow = describe_flow(input);
  EXPECT_EQ(edge(flow, "topic:orders", "group:legacy").messages, 200);
  EXPECT_FALSE(edge(flow, "topic:orders", "group:legacy").latency);
}

TEST(FlowTest, SaysWhetherSomethingIsNotScaled) {
  FlowInput input = shop();
  input.counts[2].second.unscaled = 1;
  EXPECT_FALSE(describe_flow(input).is_scaled);
}

TEST(FlowCountsTest, CountsASpanAsOftenAsItStandsFor) {
  Span span = send(1, 7, 10, 10.5);
  span.queue_ms = 100;
  span.broker_ms = 400;
  span.adjusted_count = 10;
  FlowCounts counts;
  counts.count(span);
  span.failed = true;
  span.adjusted_count.reset();
  counts.count(span);
  EXPECT_EQ(counts.messages, 11);
  EXPECT_EQ(counts.errors, 1);
  EXPECT_EQ(counts.unscaled, 1);
  EXPECT_EQ(counts.duration.count(), 11);
  EXPECT_NEAR(counts.queue.mean_ms().value(), 100, 1e-9);
}

TEST(FlowCountsTest, AWayIsFromTheAnswerToTheHandOver) {
  FlowCounts counts;
  counts.count_way(send(1, 7, 10, 11), process(2, ref(1), 7, 13, 14));
  EXPECT_NEAR(counts.log.mean_ms().value(), 2'000, 1e-6);
  EXPECT_NEAR(counts.end_to_end.mean_ms().value(), 4'000, 1e-6);
  FlowCounts polled;
  polled.count_way(send(1, 7, 10, 11), poll(2, ref(1), 7, 5, 12));
  EXPECT_NEAR(polled.log.mean_ms().value(), 1'000, 1e-6) << "a poll hands over when it returns";
  EXPECT_TRUE(polled.end_to_end.empty());
}

TEST(FlowCountsTest, SaysUnderWhatASpanCounts) {
  EXPECT_EQ(flow_key_of(send(1, 7, 1, 2)), to("shop", "orders"));
  EXPECT_EQ(flow_key_of(process(1, ref(9), 7, 1, 2)), from("orders", "billing", "billing-service"));
  EXPECT_FALSE(flow_key_of(commit(1, 7, 1, 2)));
  EXPECT_FALSE(flow_key_of(plain(1, "shop", 1, 2)));
  Span batch = send(1, -1, 1, 2);
  batch.messages = 20;
  batch.persistence = evidence::Persistence::kUnknown;
  EXPECT_TRUE(flow_key_of(batch));
  batch.links = {link_to(ref(2))};
  EXPECT_FALSE(flow_key_of(batch)) << "its messages have create spans";
  Span create = send(2, -1, 1, 2);
  create.operation = Operation::kCreate;
  EXPECT_EQ(flow_key_of(create), to("shop", "orders"));
}

TEST(FlowCountsTest, MergedCountsAreSums) {
  FlowCounts left = sends(10);
  left.merge(sends(5));
  EXPECT_EQ(left.messages, 15);
  EXPECT_EQ(left.duration.count(), 15);
}

}  // namespace
}  // namespace waybill::analysis
