#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <string>
#include <utility>

#include "waybill/configure/host_settings.h"
#include "waybill/configure/resolve.h"
#include "waybill/configure/testing/environment_of.h"
#include "waybill/context/rate_limiter.h"
#include "waybill/context/sampler.h"

namespace waybill::configure {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::environment_of;
using ::testing::HasSubstr;

Settings settings_of(std::initializer_list<std::string_view> variables) {
  Resolved result = resolve(environment_of(variables));
  for (const Problem& problem : result.problems) ADD_FAILURE() << describe(problem);
  return result.settings;
}

// The one problem that `variables` have.
Problem problem_of(std::initializer_list<std::string_view> variables) {
  const Resolved result = resolve(environment_of(variables));
  EXPECT_EQ(result.problems.size(), 1U);
  return result.problems.empty() ? Problem{} : result.problems.front();
}

TEST(ResolveSamplingTest, KnowsTheSamplersAloneAndParentBased) {
  const std::pair<std::string, SamplerKind> samplers[] = {
      {"always_on", SamplerKind::kAlwaysOn},
      {"always_off", SamplerKind::kAlwaysOff},
      {"traceidratio", SamplerKind::kTraceIdRatio},
      {"ratelimited", SamplerKind::kRateLimited},
      {"Ratelimited_Per_Topic", SamplerKind::kRateLimitedPerTopic},
      {"adaptive", SamplerKind::kAdaptive},
      {"application", SamplerKind::kApplication},
  };
  for (const auto& [name, kind] : samplers) {
    const SamplerSettings alone = settings_of({"OTEL_TRACES_SAMPLER=" + name}).sampler;
    EXPECT_EQ(alone.root.kind, kind) << name;
    EXPECT_EQ(alone.remote_parent_not_sampled, alone.root) << name;
    EXPECT_EQ(alone.local_parent_sampled, alone.root) << name;
    SamplerSettings expected;
    expected.root = alone.root;
    EXPECT_EQ(settings_of({"OTEL_TRACES_SAMPLER=parentbased_" + name}).sampler, expected) << name;
  }
}

TEST(ResolveSamplingTest, ReadsTheSamplersNumber) {
  const auto root_of = [](std::string_view name, std::string_view number) {
    return settings_of(
               {"OTEL_TRACES_SAMPLER=" + std::string{name}, "OTEL_TRACES_SAMPLER_ARG=" + std::string{number}})
        .sampler.root;
  };
  EXPECT_EQ(root_of("traceidratio", "0.25"), (SamplerChoice{SamplerKind::kTraceIdRatio, 0.25}));
  EXPECT_EQ(root_of("ratelimited", "2.5"), (SamplerChoice{SamplerKind::kRateLimited, 2.5}));
  EXPECT_EQ(root_of("parentbased_ratelimited_per_topic", "7"),
            (SamplerChoice{SamplerKind::kRateLimitedPerTopic, 7}));
  EXPECT_EQ(root_of("traceidratio", ""), (SamplerChoice{SamplerKind::kTraceIdRatio, 1}));
  EXPECT_EQ(root_of("ratelimited", ""), (SamplerChoice{SamplerKind::kRateLimited, 100}));
  for (const std::string wrong : {"0", "-1", "inf", "nan", "many", "1e999"}) {
    const Resolved result =
        resolve(environment_of({"OTEL_TRACES_SAMPLER=ratelimited", "OTEL_TRACES_SAMPLER_ARG=" + wrong}));
    EXPECT_EQ(result.settings.sampler.root.number, 100) << wrong;
    ASSERT_EQ(result.problems.size(), 1U) << wrong;
    EXPECT_THAT(result.problems[0].message, HasSubstr("100 is used"));
  }
}

TEST(ResolveSamplingTest, GivesTheAdaptiveSamplerItsBudget) {
  const auto budget_of = [](std::initializer_list<std::string_view> variables) {
    return settings_of(variables).sampler.root;
  };
  const std::string_view adaptive = "OTEL_TRACES_SAMPLER=parentbased_adaptive";
  EXPECT_EQ(budget_of({adaptive}), (SamplerChoice{SamplerKind::kAdaptive, 1}));
  EXPECT_EQ(budget_of({adaptive, "WAYBILL_OVERHEAD_BUDGET=0.5"}).number, 0.5);
  EXPECT_EQ(budget_of({adaptive, "WAYBILL_OVERHEAD_BUDGET=0.5", "OTEL_TRACES_SAMPLER_ARG=100"}).number, 100);
  EXPECT_EQ(budget_of({"WAYBILL_OVERHEAD_BUDGET=0.5"}), SamplerChoice{});
  for (const std::string wrong : {"0", "-1", "101", "nan", "some"}) {
    EXPECT_THAT(problem_of({adaptive, "WAYBILL_OVERHEAD_BUDGET=" + wrong}).message,
                HasSubstr("is not a number above 0 and up to 100"));
    EXPECT_THAT(problem_of({adaptive, "OTEL_TRACES_SAMPLER_ARG=" + wrong}).message,
                HasSubstr("WAYBILL_OVERHEAD_BUDGET is used"));
  }
}

TEST(ResolveSamplingTest, HasTheHostKeepTheShareThatTheAdaptiveSamplerSays) {
  const Settings settings = settings_of({"OTEL_TRACES_SAMPLER=parentbased_adaptive"});
  EXPECT_EQ(host_settings(settings).sampler_arguments[0], context::ratio_threshold(1));
  const segment::HostSettings host = host_settings(settings, 0.25);
  EXPECT_EQ(host.samplers[0], static_cast<std::uint8_t>(context::Sampler::Kind::kTraceIdRatio));
  EXPECT_EQ(host.sampler_arguments[0], context::ratio_threshold(0.25));
  EXPECT_EQ(host.samplers[1], static_cast<std::uint8_t>(context::Sampler::Kind::kAlwaysOn));
}

TEST(ResolveSamplingTest, HasASamplerForEachKindOfParent) {
  const SamplerSettings sampler =
      settings_of({"WAYBILL_SAMPLER_PARENTS= remote_parent_sampled = traceidratio=0.5 ;"
                   "local_parent_not_sampled=ratelimited=3;"})
          .sampler;
  SamplerSettings expected;
  expected.remote_parent_sampled = {SamplerKind::kTraceIdRatio, 0.5};
  expected.local_parent_not_sampled = {SamplerKind::kRateLimited, 3};
  EXPECT_EQ(sampler, expected);
  EXPECT_THAT(
      problem_of({"WAYBILL_SAMPLER_PARENTS=parent=always_on"}).message,
      AllOf(HasSubstr("\"parent=always_on\""), HasSubstr("remote_parent_sampled="), HasSubstr("skipped")));
  EXPECT_THAT(problem_of({"WAYBILL_SAMPLER_PARENTS=local_parent_sampled=traceidratio=2"}).message,
              HasSubstr("needs a number from 0 to 1"));
  EXPECT_THAT(problem_of({"WAYBILL_SAMPLER_PARENTS=local_parent_sampled"}).message, HasSubstr("skipped"));
}

TEST(ResolveSamplingTest, ReadsRules) {
  const Settings settings =
      settings_of({"OTEL_TRACES_SAMPLER=rules",
                   "WAYBILL_SAMPLER_RULES=topic=payments.*:always_on;;"
                   " topic = a?c , operation=send : traceidratio=0.1; group=audit:ratelimited=5;"
                   "operation=process,group=x:y:ratelimited_per_topic=2;*:always_off"});
  EXPECT_THAT(
      settings.sampler_rules,
      ElementsAre(
          SamplerRule{.topic = "payments.*"},
          SamplerRule{.topic = "a?c", .operations = 1, .sampler = {SamplerKind::kTraceIdRatio, 0.1}},
          SamplerRule{.group = "audit", .sampler = {SamplerKind::kRateLimited, 5}},
          SamplerRule{.group = "x:y", .operations = 4, .sampler = {SamplerKind::kRateLimitedPerTopic, 2}},
          SamplerRule{.sampler = {SamplerKind::kAlwaysOff}}));
}

TEST(ResolveSamplingTest, SkipsARuleThatIsWrongAndSaysWhy) {
  const std::pair<std::string, const char*> cases[] = {
      {"topic=a", "a colon and a sampler are missing"},
      {":always_on", "says nothing before the colon"},
      {"topics=a:always_on", "\"topics\" is not one of topic, operation, group"},
      {"topic:always_on", "\"topic\" is not topic="},
      {"topic=:always_on", "\"topic=\" is not topic="},
      {"operation=poll:always_on", "\"poll\" is not one of send, receive, process"},
      {"*:sometimes", "\"sometimes\" is not one of always_on"},
      {"*:traceidratio", "needs a number from 0 to 1"},
      {"*:traceidratio=1.5", "needs a number from 0 to 1"},
      {"*:ratelimited=0", "needs a number above 0"},
      {"*:always_on=1", "\"always_on\" has no number"},
      {"*:rules", "cannot refer to the rules"},
      {"topic=" + std::string(249, 'x') + ":always_on", "is longer than 248 characters"},
  };
  for (const auto& [rule, message] : cases) {
    const Resolved result = resolve(
        environment_of({"OTEL_TRACES_SAMPLER=rules", "WAYBILL_SAMPLER_RULES=" + rule + ";*:always_off"}));
    EXPECT_THAT(result.settings.sampler_rules, ElementsAre(SamplerRule{.sampler = {SamplerKind::kAlwaysOff}}))
        << rule;
    ASSERT_EQ(result.problems.size(), 1U) << rule;
    EXPECT_THAT(describe(result.problems[0]), AllOf(HasSubstr("WAYBILL_SAMPLER_RULES: \""),
                                                    HasSubstr(message), HasSubstr("this rule is skipped")));
  }
}

TEST(ResolveSamplingTest, SaysWhenRulesAndSamplerDoNotGoTogether) {
  EXPECT_THAT(problem_of({"WAYBILL_SAMPLER_RULES=*:always_off"}).message, HasSubstr("does not count"));
  EXPECT_THAT(problem_of({"OTEL_TRACES_SAMPLER=parentbased_rules"}).message,
              HasSubstr("everything is sampled"));
}

TEST(ResolveSamplingTest, HasABoundForRulesAndPatterns) {
  std::string rules = "WAYBILL_SAMPLER_RULES=";
  std::string patterns;
  for (int number = 0; number < 40; ++number) {
    rules += "topic=t" + std::to_string(number) + ":always_on;";
    patterns += "t" + std::to_string(number) + ",";
  }
  const Resolved ruled = resolve(environment_of({"OTEL_TRACES_SAMPLER=rules", rules}));
  EXPECT_EQ(ruled.settings.sampler_rules.size(), 32U);
  ASSERT_EQ(ruled.problems.size(), 1U);
  EXPECT_THAT(ruled.problems[0].message, AllOf(HasSubstr("more than 32 rules"), HasSubstr("topic=t32")));
  const Resolved filtered =
      resolve(environment_of({"WAYBILL_TOPICS_EXCLUDE=a,b", "WAYBILL_TOPICS_INCLUDE=" + patterns}));
  EXPECT_EQ(filtered.settings.topics_include.size(), 30U);
  ASSERT_EQ(filtered.problems.size(), 1U);
  EXPECT_THAT(filtered.problems[0].message, AllOf(HasSubstr("more than 32 patterns"), HasSubstr("\"t30\"")));
  EXPECT_LE(rule_table(filtered.settings).filter_count, segment::RuleTable::kMaxFilters);
}

TEST(ResolveSamplingTest, ReadsWhatIsKeptThoughItWasNotSampled) {
  using std::chrono::milliseconds;
  EXPECT_EQ(settings_of({"WAYBILL_KEEP=none"}).keep, KeepSettings{});
  EXPECT_EQ(settings_of({"WAYBILL_KEEP=Errors"}).keep, KeepSettings{.errors = true});
  EXPECT_EQ(settings_of({"WAYBILL_KEEP= slow:1.5s , errors"}).keep,
            (KeepSettings{.errors = true, .slower_than = milliseconds{1'500}}));
  EXPECT_EQ(settings_of({"WAYBILL_KEEP=slow:250us"}).keep.slower_than, std::chrono::microseconds{250});
  EXPECT_TRUE(host_settings(settings_of({"WAYBILL_KEEP=slow:1ms"})).record_unsampled);
  EXPECT_FALSE(host_settings(Settings{}).record_unsampled);
  for (const std::string wrong :
       {"slow:", "slow:500", "slow:0ms", "slow:-1s", "slow:1h", "slow:2e9s", "slow:ms"}) {
    const std::string variable = "WAYBILL_KEEP=" + wrong;
    EXPECT_THAT(problem_of({variable}).message, HasSubstr("needs a time such as 500ms or 2s; it is skipped"));
  }
  EXPECT_THAT(problem_of({"WAYBILL_KEEP=all"}).message, HasSubstr("\"all\" is not one of errors, slow:TIME"));
}

TEST(ResolveSamplingTest, HandsTheHostWhatItNeeds) {
  const segment::SettingsWords defaults = segment::pack(segment::HostSettings{});
  const segment::SettingsWords ours = segment::pack(host_settings(Settings{}));
  EXPECT_EQ(ours.word, defaults.word);
  EXPECT_EQ(ours.samplers, defaults.samplers);
  const segment::HostSettings host = host_settings(
      settings_of({"WAYBILL_ENABLED=false", "OTEL_SDK_DISABLED=true", "OTEL_PROPAGATORS=none",
                   "OTEL_TRACES_SAMPLER=parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG=0.5",
                   "WAYBILL_SAMPLER_PARENTS=local_parent_sampled=ratelimited=10", "WAYBILL_INJECT=never",
                   "WAYBILL_EXISTING_CONTEXT=replace", "WAYBILL_PROCESS=none", "WAYBILL_TOPICS_EXCLUDE=a",
                   "WAYBILL_CONSUMER_RELATION=link", "WAYBILL_CAPTURE_KEY=false"}));
  EXPECT_FALSE(host.enabled || host.record || host.count || host.capture_key);
  EXPECT_FALSE(host_settings(settings_of({"OTEL_METRICS_EXPORTER=none"})).count);
  EXPECT_EQ(host.propagators, 0);
  EXPECT_TRUE(host.replace_existing && host.relation_link && host.has_filters);
  EXPECT_THAT(host.samplers, ElementsAre(2, 0, 1, 3, 1));
  EXPECT_EQ(host.inject, 2);
  EXPECT_EQ(host.process, 2);
  EXPECT_EQ(host.sampler_arguments[0], context::ratio_threshold(0.5));
  EXPECT_EQ(host.sampler_arguments[3], context::interval_of(10));
}

// Pattern and verdict of each filter, in their order.
std::string filters_of(std::initializer_list<std::string_view> variables) {
  const segment::RuleTable table = rule_table(settings_of(variables));
  std::string text;
  for (std::size_t at = 0; at < table.filter_count; ++at)
    text +=
        (table.filters[at].verdict != 0 ? "+" : "-") + std::string{table.filters[at].topic_pattern()} + " ";
  return text;
}

TEST(ResolveSamplingTest, LeavesKafkasOwnTopicsAloneUnlessTheyAreNamed) {
  EXPECT_FALSE(host_settings(settings_of({"WAYBILL_TOPICS_INCLUDE=*"})).has_filters);
  EXPECT_EQ(filters_of({"WAYBILL_TOPICS_EXCLUDE=a*,b"}), "-a* -b -__* ");
  EXPECT_EQ(filters_of({"WAYBILL_TOPICS_INCLUDE=*,__consumer_offsets"}), "+__consumer_offsets -__* +* -* ");
  EXPECT_EQ(filters_of({"WAYBILL_TOPICS_INCLUDE=shop.*", "WAYBILL_TOPICS_EXCLUDE=shop.log"}),
            "-shop.log -__* +shop.* -* ");
}

TEST(ResolveSamplingTest, WritesRulesAsTheHostReadsThem) {
  const segment::RuleTable table = rule_table(settings_of(
      {"OTEL_TRACES_SAMPLER=rules",
       "WAYBILL_SAMPLER_RULES=topic=a,operation=receive:traceidratio=0.5;group=g:ratelimited=4"}));
  ASSERT_EQ(table.rule_count, 2U);
  EXPECT_EQ(table.rules[0].topic_pattern(), "a");
  EXPECT_EQ(table.rules[0].operations, static_cast<std::uint8_t>(segment::Operation::kReceive));
  EXPECT_EQ(table.rules[0].argument, context::ratio_threshold(0.5));
  EXPECT_EQ(table.rules[1].topic_pattern(), "*");
  EXPECT_EQ(table.rules[1].group_pattern(), "g");
  EXPECT_EQ(table.rules[1].verdict, static_cast<std::uint8_t>(context::Sampler::Kind::kRateLimited));
  EXPECT_EQ(table.rules[1].argument, context::interval_of(4));
}

// The number goes through the segment as it is.
TEST(ResolveSamplingTest, NumbersTheSamplersAsTheHostSideDoes) {
  using Kind = context::Sampler::Kind;
  const std::pair<SamplerKind, Kind> kinds[] = {
      {SamplerKind::kAlwaysOn, Kind::kAlwaysOn},
      {SamplerKind::kAlwaysOff, Kind::kAlwaysOff},
      {SamplerKind::kTraceIdRatio, Kind::kTraceIdRatio},
      {SamplerKind::kRateLimited, Kind::kRateLimited},
      {SamplerKind::kRateLimitedPerTopic, Kind::kRateLimitedPerTopic},
      {SamplerKind::kRules, Kind::kRules},
  };
  for (const auto& [ours, hosts] : kinds) EXPECT_EQ(static_cast<int>(ours), static_cast<int>(hosts));
}

}  // namespace
}  // namespace waybill::configure
