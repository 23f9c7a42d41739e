#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

#include "waybill/context/sampler.h"
#include "waybill/observe/testing/hall.h"

namespace waybill::observe {
namespace {

using context::Sampler;
using segment::Operation;
using segment::RuleTable;
using segment::TopicRule;
using testing::client_of;
using testing::hall;

bool samples_send(const Client& client, std::string_view topic) {
  return hall().room().plan_send(client, topic, {}).record;
}

// Without poll frames and without an end of processing: a receive operation.
bool samples_receive(const Client& client, std::string_view topic) {
  hall().written();
  IncomingMessage message;
  message.topic = topic;
  hall().room().hand_over(client, message);
  return hall().written() != 0;
}

segment::HostSettings settings_with(Sampler::Kind root, std::uint64_t argument = 0) {
  segment::HostSettings settings;
  settings.samplers[0] = static_cast<std::uint8_t>(root);
  settings.sampler_arguments[0] = argument;
  return settings;
}

TopicRule rule_of(std::string_view topic, Sampler::Kind sampler, std::uint64_t argument = 0) {
  TopicRule rule;
  rule.topic_size = static_cast<std::uint8_t>(topic.size());
  std::copy(topic.begin(), topic.end(), rule.topic);
  rule.verdict = static_cast<std::uint8_t>(sampler);
  rule.argument = argument;
  return rule;
}

void set_group(TopicRule& rule, std::string_view group) {
  rule.group_size = static_cast<std::uint8_t>(group.size());
  std::copy(group.begin(), group.end(), rule.group);
}

// What the patterns of these tests mean: at most one star, at the end.
bool fits(std::string_view pattern, std::string_view text) {
  if (!pattern.ends_with('*')) return pattern == text;
  pattern.remove_suffix(1);
  return text.starts_with(pattern);
}

bool first_match(const RuleTable& table, Operation operation, std::string_view topic,
                 std::string_view group) {
  for (std::size_t at = 0; at < table.rule_count; ++at) {
    const TopicRule& rule = table.rules[at];
    if ((rule.operations & static_cast<std::uint8_t>(operation)) == 0) continue;
    if (!fits(rule.topic_pattern(), topic)) continue;
    if (rule.group_size != 0 && (group.empty() || !fits(rule.group_pattern(), group))) continue;
    return rule.verdict == static_cast<std::uint8_t>(Sampler::Kind::kAlwaysOn);
  }
  return true;
}

RuleTable any_rules(std::mt19937& random) {
  const std::string_view patterns[] = {"a", "ab", "a*", "b*", "*", "ba", "abc"};
  RuleTable table;
  table.rule_count = random() % (RuleTable::kMaxRules + 1);
  for (std::size_t at = 0; at < table.rule_count; ++at) {
    table.rules[at] = rule_of(patterns[random() % 7],
                              random() % 2 == 0 ? Sampler::Kind::kAlwaysOn : Sampler::Kind::kAlwaysOff);
    table.rules[at].operations = static_cast<std::uint8_t>(1U << random() % 3);
    if (random() % 3 == 0) set_group(table.rules[at], patterns[random() % 5]);
  }
  return table;
}

TEST(SamplingTest, GoesByTheFirstRuleThatFits) {
  std::mt19937 random{5};
  const std::string_view topics[] = {"a", "ab", "abc", "b", "ba", "c"};
  const std::string_view groups[] = {"a", "ab", "c"};
  const Client& producer = client_of(true);
  const Client* consumers[] = {&client_of(false, groups[0]), &client_of(false, groups[1]),
                               &client_of(false, groups[2])};
  int sampled = 0;
  for (int round = 0; round < 300; ++round) {
    const RuleTable table = any_rules(random);
    hall().publish(settings_with(Sampler::Kind::kRules), table);
    for (int message = 0; message < 20; ++message) {  // some come again: what is remembered is right too
      const std::string_view topic = topics[random() % 6];
      const std::size_t group = random() % 3;
      const bool expected = first_match(table, Operation::kSend, topic, {});
      sampled += expected ? 1 : 0;
      ASSERT_EQ(samples_send(producer, topic), expected) << round << " " << topic;
      ASSERT_EQ(samples_receive(*consumers[group], topic),
                first_match(table, Operation::kReceive, topic, groups[group]))
          << round << " " << topic;
    }
  }
  EXPECT_GT(sampled, 1'000);
  EXPECT_LT(sampled, 5'000);
}

TEST(SamplingTest, FollowsANewVersionWithTheNextMessage) {
  const Client& producer = client_of(true);
  RuleTable table;
  table.rule_count = 1;
  for (const auto sampler :
       {Sampler::Kind::kAlwaysOff, Sampler::Kind::kAlwaysOn, Sampler::Kind::kAlwaysOff}) {
    table.rules[0] = rule_of("orders", sampler);
    hall().publish(settings_with(Sampler::Kind::kRules), table);
    EXPECT_EQ(samples_send(producer, "orders"), sampler == Sampler::Kind::kAlwaysOn);
    EXPECT_EQ(samples_send(producer, "orders"), sampler == Sampler::Kind::kAlwaysOn);
  }
}

TEST(SamplingTest, LeavesTopicsAloneByTheFirstFilterThatFits) {
  hall().publish({});
  EXPECT_TRUE(hall().room().observes("orders"));
  EXPECT_TRUE(hall().room().observes("_schemas"));
  EXPECT_FALSE(hall().room().observes("__consumer_offsets"));
  RuleTable table;
  table.filter_count = 3;
  table.filters[0] = rule_of("orders.log", Sampler::Kind::kAlwaysOn);
  table.filters[1] = rule_of("orders*", Sampler::Kind::kAlwaysOn);
  table.filters[2] = rule_of("*", Sampler::Kind::kAlwaysOn);
  table.filters[0].verdict = table.filters[2].verdict = 0;
  table.filters[1].verdict = 1;
  segment::HostSettings settings;
  settings.has_filters = true;
  hall().publish(settings, table);
  for (int time = 0; time < 2; ++time) {  // the second answer is remembered
    EXPECT_TRUE(hall().room().observes("orders.eu"));
    EXPECT_FALSE(hall().room().observes("orders.log"));
    EXPECT_FALSE(hall().room().observes("payments"));
  }
}

int sampled_of(const Client& client, std::string_view topic, int messages) {
  int sampled = 0;
  for (int message = 0; message < messages; ++message) sampled += samples_send(client, topic) ? 1 : 0;
  return sampled;
}

// One in a thousand seconds: no time that a test takes lets a second one through.
constexpr std::uint64_t kOnce = 1'000'000'000'000;

TEST(SamplingTest, HasABucketForEachRuleOrForEachTopic) {
  const Client& producer = client_of(true);
  RuleTable table;
  table.rule_count = 3;
  table.rules[0] = rule_of("whole.*", Sampler::Kind::kRateLimited, kOnce);
  table.rules[1] = rule_of("other.*", Sampler::Kind::kRateLimited, kOnce);
  table.rules[2] = rule_of("each.*", Sampler::Kind::kRateLimitedPerTopic, kOnce);
  hall().publish(settings_with(Sampler::Kind::kRules), table);
  EXPECT_EQ(sampled_of(producer, "whole.1", 100) + sampled_of(producer, "whole.2", 100), 1);
  EXPECT_EQ(sampled_of(producer, "other.1", 100), 1);
  for (const char* topic : {"each.1", "each.2", "each.3"}) EXPECT_EQ(sampled_of(producer, topic, 100), 1);
}

TEST(SamplingTest, LetsTopicsShareABucketWhenThereAreMoreThanBuckets) {
  const Client& producer = client_of(true);
  constexpr int kTopics = 3'000;
  hall().publish(settings_with(Sampler::Kind::kRateLimitedPerTopic, kOnce));
  int sampled = 0;
  for (int number = 0; number < kTopics; ++number)
    sampled += sampled_of(producer, "many." + std::to_string(number), 2);
  EXPECT_GT(sampled, 800);
  EXPECT_LE(sampled, 1'025);  // as many buckets as there are, and one for the rest
}

// What the application's sampler was asked last; it samples what goes to "orders".
struct Asked {
  Operation operation{};
  std::string client_id, group;
  bool has_parent = false;
  bool parent_is_remote = false;
};
Asked asked;

bool sample_orders(const SamplingQuestion& question) {
  asked = {question.operation, std::string{question.client_id}, std::string{question.group},
           question.parent != nullptr, question.parent_is_remote};
  return question.topic == "orders";
}

TEST(SamplingTest, AsksTheApplicationWhereItsSamplerIsNamed) {
  ClientFacts facts;
  facts.client_id = "billing-1";
  facts.group_id = "billing";
  facts.sees_end_of_processing = true;
  const Client& consumer = *hall().room().open_client(facts);
  RuleTable table;
  table.rule_count = 1;
  table.rules[0] = rule_of("*", Sampler::Kind::kApplication);
  Room::sample_by(sample_orders);
  for (const Sampler::Kind kind : {Sampler::Kind::kApplication, Sampler::Kind::kRules}) {
    hall().publish(settings_with(kind), table);
    EXPECT_TRUE(samples_send(consumer, "orders"));
    EXPECT_EQ(asked.operation, Operation::kSend);
    EXPECT_EQ(asked.client_id, "billing-1");
    EXPECT_EQ(asked.group, "billing");
    EXPECT_FALSE(asked.has_parent);
    EXPECT_FALSE(samples_send(consumer, "payments"));
  }
  segment::HostSettings settings = settings_with(Sampler::Kind::kAlwaysOff);
  settings.samplers.fill(static_cast<std::uint8_t>(Sampler::Kind::kApplication));
  hall().publish(settings);
  IncomingMessage message;
  message.topic = "orders";
  message.creation.context.trace_id.bytes.fill(1);
  message.creation.context.span_id.bytes.fill(2);
  hall().room().end_processing(hall().room().begin_processing(consumer, message), {});
  EXPECT_EQ(asked.operation, Operation::kProcess);
  EXPECT_TRUE(asked.has_parent && asked.parent_is_remote);
  Room::sample_by(nullptr);
  EXPECT_TRUE(samples_send(consumer, "payments"));
}

TEST(SamplingTest, SamplesAllThatNoRuleNamesAndNothingThatARuleDoesNotKnow) {
  const Client& producer = client_of(true);
  hall().publish(settings_with(Sampler::Kind::kRules));
  EXPECT_TRUE(samples_send(producer, "orders"));
  RuleTable table;
  table.rule_count = ~0ULL;  // more than there are
  table.rules[0] = rule_of("orders", static_cast<Sampler::Kind>(99));
  hall().publish(settings_with(Sampler::Kind::kRules), table);
  EXPECT_FALSE(samples_send(producer, "orders"));
}

}  // namespace
}  // namespace waybill::observe
