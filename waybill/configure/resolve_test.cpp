#include "waybill/configure/resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>

#include "waybill/configure/host_settings.h"

namespace waybill::configure {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

Resolved resolved(std::initializer_list<std::string_view> variables) {
  Environment environment;
  for (const std::string_view variable : variables) environment.set(variable);
  return resolve(environment);
}

Settings settings_of(std::initializer_list<std::string_view> variables) {
  Resolved result = resolved(variables);
  for (const Problem& problem : result.problems) ADD_FAILURE() << problem.setting << ": " << problem.message;
  return result.settings;
}

// The one problem that `variables` have: its setting and its message.
Problem problem_of(std::initializer_list<std::string_view> variables) {
  Resolved result = resolved(variables);
  EXPECT_EQ(result.problems.size(), 1U);
  return result.problems.empty() ? Problem{} : result.problems.front();
}

TEST(ResolveTest, GivesTheDefaultsWhenNothingIsSet) { EXPECT_EQ(settings_of({}), Settings{}); }

TEST(ResolveTest, TakesEmptyAndBlankForUnset) {
  EXPECT_EQ(settings_of({"WAYBILL_ENABLED=", "OTEL_TRACES_SAMPLER=  ", "OTEL_BSP_MAX_QUEUE_SIZE=\t",
                         "OTEL_TRACES_EXPORTER=", "OTEL_PROPAGATORS= "}),
            Settings{});
}

TEST(ResolveTest, TakesOnlyTrueForTrueInAnyCase) {
  for (const char* text : {"OTEL_SDK_DISABLED=true", "OTEL_SDK_DISABLED=TRUE", "OTEL_SDK_DISABLED= True "})
    EXPECT_TRUE(settings_of({text}).sdk_disabled) << text;
  for (const char* text : {"WAYBILL_ENABLED=false", "WAYBILL_ENABLED=FALSE"})
    EXPECT_FALSE(settings_of({text}).enabled) << text;
}

TEST(ResolveTest, TakesAnythingElseForFalseAndSaysSo) {
  for (const char* text : {"WAYBILL_ENABLED=1", "WAYBILL_ENABLED=yes", "WAYBILL_ENABLED=truee"}) {
    EXPECT_FALSE(resolved({text}).settings.enabled) << text;
    EXPECT_EQ(problem_of({text}).setting, "WAYBILL_ENABLED");
  }
  EXPECT_EQ(problem_of({"OTEL_SDK_DISABLED=on"}).message, "\"on\" is neither true nor false; false is used");
}

TEST(ResolveTest, LetsTheServiceNameWinOverTheAttribute) {
  EXPECT_EQ(
      settings_of({"OTEL_SERVICE_NAME=orders", "OTEL_RESOURCE_ATTRIBUTES=service.name=other"}).service_name,
      "orders");
  EXPECT_EQ(settings_of({"OTEL_RESOURCE_ATTRIBUTES=service.name=other"}).service_name, "other");
  EXPECT_EQ(settings_of({"OTEL_SERVICE_NAME=", "OTEL_RESOURCE_ATTRIBUTES=service.name=other"}).service_name,
            "other");
}

TEST(ResolveTest, KeepsTheServiceNameInOnePlace) {
  const Settings settings = settings_of({"OTEL_RESOURCE_ATTRIBUTES=service.name=,team=shop"});
  EXPECT_EQ(settings.service_name, "");
  EXPECT_THAT(settings.resource_attributes, ElementsAre(Pair("team", "shop")));
}

TEST(ResolveTest, TrimsAndDecodesResourceAttributes) {
  EXPECT_THAT(
      settings_of({"OTEL_RESOURCE_ATTRIBUTES= team = shop%20floor , zone=a%2Cb,"}).resource_attributes,
      ElementsAre(Pair("team", "shop floor"), Pair("zone", "a,b")));
}

TEST(ResolveTest, DiscardsAllResourceAttributesWhenOneIsMalformed) {
  for (const char* text : {"OTEL_RESOURCE_ATTRIBUTES=a=1,b", "OTEL_RESOURCE_ATTRIBUTES=a=1,b=%zz",
                           "OTEL_RESOURCE_ATTRIBUTES=service.name=x,=1"}) {
    EXPECT_EQ(resolved({text}).settings, Settings{}) << text;
    EXPECT_EQ(problem_of({text}).setting, "OTEL_RESOURCE_ATTRIBUTES");
  }
  EXPECT_THAT(problem_of({"OTEL_RESOURCE_ATTRIBUTES=a=1,b"}).message,
              AllOf(HasSubstr("\"a=1,b\""), HasSubstr("key=value"), HasSubstr("ignored")));
}

std::vector<context::Propagator> propagators_of(const std::string& list) {
  std::vector<context::Propagator> found;
  resolved({"OTEL_PROPAGATORS=" + list}).settings.propagators.for_each([&](context::Propagator one) {
    found.push_back(one);
  });
  return found;
}

TEST(ResolveTest, KnowsThePropagatorsAndKeepsTheirOrder) {
  using enum context::Propagator;
  EXPECT_THAT(propagators_of("tracecontext"), ElementsAre(kTraceContext));
  EXPECT_THAT(propagators_of("baggage, TraceContext,tracecontext"), ElementsAre(kBaggage, kTraceContext));
  EXPECT_THAT(propagators_of("b3multi,b3,tracecontext,baggage"),
              ElementsAre(kB3Multi, kB3, kTraceContext, kBaggage));
  EXPECT_THAT(propagators_of("b3,jaeger,b3multi,baggage,tracecontext"),
              ElementsAre(kB3, kJaeger, kB3Multi, kBaggage, kTraceContext));
  EXPECT_THAT(propagators_of("none"), IsEmpty());
  EXPECT_THAT(propagators_of("none,none"), IsEmpty());
  EXPECT_THAT(propagators_of(""), ElementsAre(kTraceContext, kBaggage));
}

TEST(ResolveTest, SkipsAPropagatorThatIsNotSupported) {
  const Resolved result = resolved({"OTEL_PROPAGATORS=xray,tracecontext,ottrace"});
  ASSERT_EQ(result.problems.size(), 2U);
  EXPECT_THAT(result.problems[0].message,
              AllOf(HasSubstr("\"xray\""), HasSubstr("not supported"), HasSubstr("skipped")));
  EXPECT_THAT(result.problems[1].message, HasSubstr("\"ottrace\""));
  EXPECT_THAT(propagators_of("xray"), IsEmpty());
  EXPECT_THAT(propagators_of("xray,b3"), ElementsAre(context::Propagator::kB3));
}

TEST(ResolveTest, SaysWhenNoneStandsBesideOtherNames) {
  EXPECT_THAT(problem_of({"OTEL_PROPAGATORS=none,tracecontext"}).message, HasSubstr("\"none\""));
  EXPECT_THAT(propagators_of("none,tracecontext"), ElementsAre(context::Propagator::kTraceContext));
}

TEST(ResolveTest, UsesTheDefaultForAListThatNamesNothing) {
  EXPECT_EQ(resolved({"OTEL_PROPAGATORS=,"}).settings, Settings{});
  EXPECT_EQ(resolved({"OTEL_TRACES_EXPORTER= , "}).settings, Settings{});
  EXPECT_THAT(problem_of({"OTEL_TRACES_EXPORTER=,"}).message, HasSubstr("otlp is used"));
}

TEST(ResolveTest, UsesTheDefaultSamplerForAnUnknownOne) {
  EXPECT_EQ(resolved({"OTEL_TRACES_SAMPLER=jaeger_remote"}).settings, Settings{});
  EXPECT_THAT(problem_of({"OTEL_TRACES_SAMPLER=jaeger_remote"}).message,
              AllOf(HasSubstr("\"jaeger_remote\""), HasSubstr("traceidratio"),
                    HasSubstr("parentbased_always_on is used")));
}

TEST(ResolveTest, UsesTheDefaultForARatioThatIsNone) {
  for (const char* text :
       {"OTEL_TRACES_SAMPLER_ARG=1.5", "OTEL_TRACES_SAMPLER_ARG=-1", "OTEL_TRACES_SAMPLER_ARG=half"}) {
    EXPECT_EQ(resolved({text}).settings.sampler.root.number, 1.0) << text;
    EXPECT_THAT(problem_of({text}).message, HasSubstr("not a number from 0 to 1; 1.0 is used"));
  }
}

TEST(ResolveTest, ReadsWaybillsOwnChoices) {
  const Settings settings =
      settings_of({"WAYBILL_INJECT=sampled", "WAYBILL_EXISTING_CONTEXT=replace", "WAYBILL_PROCESS=thread",
                   "WAYBILL_CONSUMER_RELATION=link", "WAYBILL_CAPTURE_KEY=false", "WAYBILL_CONSOLE=stdout"});
  EXPECT_EQ(settings.inject, InjectMode::kSampled);
  EXPECT_EQ(settings.existing_context, ExistingContext::kReplace);
  EXPECT_EQ(settings.process, ProcessModel::kThread);
  EXPECT_EQ(settings.consumer_relation, ConsumerRelation::kLink);
  EXPECT_EQ(settings.capture_key, CaptureKey::kNothing);
  EXPECT_EQ(settings.console.target, ConsoleTarget::kStdout);
  EXPECT_EQ(settings_of({"WAYBILL_INJECT=never"}).inject, InjectMode::kNever);
  EXPECT_EQ(settings_of({"WAYBILL_PROCESS=none"}).process, ProcessModel::kNone);
}

TEST(ResolveTest, UsesTheDefaultForAChoiceThatIsUnknown) {
  for (const char* text :
       {"WAYBILL_INJECT=sometimes", "WAYBILL_EXISTING_CONTEXT=drop", "WAYBILL_PROCESS=async",
        "WAYBILL_CONSUMER_RELATION=child", "WAYBILL_CONSOLE=spans.txt", "WAYBILL_CONSOLE_FORMAT=forest"}) {
    EXPECT_EQ(resolved({text}).settings, Settings{}) << text;
    EXPECT_EQ(resolved({text}).problems.size(), 1U) << text;
  }
  EXPECT_EQ(problem_of({"WAYBILL_INJECT=sometimes"}).message,
            "\"sometimes\" is not one of always, sampled, never; always is used");
  EXPECT_THAT(problem_of({"WAYBILL_CONSOLE=spans.txt"}).message,
              AllOf(HasSubstr("or a file with its whole path"), HasSubstr("stderr is used")));
}

TEST(ResolveTest, KnowsWhetherKeysAreRecordedOrHashed) {
  for (const char* text : {"WAYBILL_CAPTURE_KEY=hash", "WAYBILL_CAPTURE_KEY=HASH"}) {
    EXPECT_EQ(settings_of({text}).capture_key, CaptureKey::kHash);
    EXPECT_TRUE(host_settings(settings_of({text})).capture_key) << "the collecting process needs it";
  }
  EXPECT_EQ(settings_of({"WAYBILL_CAPTURE_KEY=True"}).capture_key, CaptureKey::kText);
}

TEST(ResolveTest, RecordsNoKeyWhenItDoesNotUnderstandWhatShallBecomeOfIt) {
  EXPECT_EQ(resolved({"WAYBILL_CAPTURE_KEY=encrypt"}).settings.capture_key, CaptureKey::kNothing);
  EXPECT_EQ(problem_of({"WAYBILL_CAPTURE_KEY=encrypt"}).message,
            "\"encrypt\" is not one of true, false, hash; false is used");
}

// "-secret +tenant ": the rules for headers, in their order.
std::string header_rules_of(const Settings& settings) {
  const segment::RuleTable table = rule_table(settings);
  std::string text;
  for (std::size_t at = 0; at < table.header_rule_count; ++at)
    text += (table.header_rules[at].captured != 0 ? "+" : "-") +
            std::string{table.header_rules[at].name_pattern()} + " ";
  return text;
}

TEST(ResolveTest, CapturesHeadersThatAreIncludedAndNotExcluded) {
  EXPECT_FALSE(host_settings(settings_of({})).capture_headers);
  EXPECT_FALSE(host_settings(settings_of({"WAYBILL_CAPTURE_HEADERS_EXCLUDE=*"})).capture_headers);
  const Settings settings = settings_of(
      {"WAYBILL_CAPTURE_HEADERS_INCLUDE=tenant, x-*", "WAYBILL_CAPTURE_HEADERS_EXCLUDE=*secret*"});
  EXPECT_TRUE(host_settings(settings).capture_headers);
  EXPECT_EQ(header_rules_of(settings), "-*secret* +tenant +x-* ");
}

TEST(ResolveTest, CapturesTheHeaderThatIsAConversationId) {
  EXPECT_EQ(rule_table(settings_of({})).conversation_id.name_pattern(), "");
  const Settings settings = settings_of({"WAYBILL_CONVERSATION_ID_HEADER=call"});
  EXPECT_TRUE(host_settings(settings).capture_headers);
  EXPECT_EQ(rule_table(settings).conversation_id.name_pattern(), "call");
  const std::string long_one = "WAYBILL_CONVERSATION_ID_HEADER=" + std::string(121, 'h');
  EXPECT_THAT(problem_of({long_one}).message, HasSubstr("longer than 120 characters"));
  EXPECT_FALSE(host_settings(resolved({long_one}).settings).capture_headers);
}

TEST(ResolveTest, SkipsPatternsOfHeadersForWhichThereIsNoRoom) {
  std::string patterns;
  for (int number = 0; number < 32; ++number) patterns += "h" + std::to_string(number) + ",";
  const Resolved result =
      resolved({"WAYBILL_CAPTURE_HEADERS_EXCLUDE=secret", "WAYBILL_CAPTURE_HEADERS_INCLUDE=" + patterns});
  EXPECT_EQ(result.settings.capture_headers_include.size(), 31U);
  EXPECT_EQ(rule_table(result.settings).header_rule_count, segment::RuleTable::kMaxHeaderRules);
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_THAT(result.problems[0].message, AllOf(HasSubstr("more than 32 patterns"), HasSubstr("\"h31\"")));
  const std::string long_one = "WAYBILL_CAPTURE_HEADERS_INCLUDE=" + std::string(121, 'h');
  EXPECT_THAT(problem_of({long_one}).message, HasSubstr("longer than 120 characters"));
}

TEST(ResolveTest, ReadsWhichKindsOfSpansAreMade) {
  EXPECT_EQ(settings_of({"WAYBILL_SPANS=send , PROCESS"}).spans,
            (SpanKinds{true, false, true, false, false, false}));
  EXPECT_EQ(settings_of({"WAYBILL_SPANS=none"}).spans, (SpanKinds{false, false, false, false, false, false}));
  EXPECT_EQ(settings_of({"WAYBILL_SPANS=create,settle,transaction,receive"}).spans,
            (SpanKinds{false, true, false, true, true, true}));
  EXPECT_EQ(resolved({"WAYBILL_SPANS=send,produce"}).settings.spans,
            (SpanKinds{true, false, false, false, false, false}));
  EXPECT_THAT(problem_of({"WAYBILL_SPANS=send,produce"}).message, HasSubstr("\"produce\" is not one of"));
  const segment::HostSettings host = host_settings(settings_of({"WAYBILL_SPANS=receive"}));
  EXPECT_TRUE(host.receives);
  EXPECT_FALSE(host.sends || host.processes || host.settles || host.transactions || host.creates);
}

TEST(ResolveTest, MakesNoSpansOfAnyKindWhenThereAreNone) {
  EXPECT_FALSE(host_settings(settings_of({"OTEL_SDK_DISABLED=true"})).record);
}

TEST(ResolveTest, TakesOfTheSharedOptInsWhatIsForMessaging) {
  EXPECT_TRUE(settings_of({"OTEL_SEMCONV_STABILITY_OPT_IN=http, messaging/dup"}).old_names);
  EXPECT_FALSE(settings_of({"OTEL_SEMCONV_STABILITY_OPT_IN=messaging,database/dup"}).old_names);
}

TEST(ResolveTest, KnowsWhatToSayOfItself) {
  using enum Log::Level;
  const std::pair<const char*, Log::Level> levels[] = {
      {"info", kInfo},   {"debug", kInfo},   {"WARN", kWarning}, {"warning", kWarning},
      {"error", kError}, {"none", kNothing}, {"off", kNothing},
  };
  for (const auto& [text, level] : levels)
    EXPECT_EQ(settings_of({"OTEL_LOG_LEVEL=" + std::string{text}}).log_level, level) << text;
  EXPECT_THAT(problem_of({"OTEL_LOG_LEVEL=loud"}).message, HasSubstr("info is used"));
}

TEST(ResolveTest, WritesTheConsoleToAFileOfAWholePath) {
  const ConsoleSettings console = settings_of({"WAYBILL_CONSOLE=/tmp/spans"}).console;
  EXPECT_EQ(console.target, ConsoleTarget::kFile);
  EXPECT_EQ(console.file, "/tmp/spans");
  EXPECT_EQ(settings_of({"WAYBILL_CONSOLE_FORMAT=tree"}).console.format, ConsoleFormat::kTree);
  EXPECT_EQ(settings_of({}).console.format, ConsoleFormat::kAuto);
}

TEST(ResolveTest, ColoursATerminalThatHasColoursUnlessNobodyWantsThem) {
  EXPECT_TRUE(settings_of({"TERM=xterm-256color", "NO_COLOR="}).console.colour);
  EXPECT_FALSE(settings_of({"TERM=xterm", "NO_COLOR=1"}).console.colour);
  EXPECT_FALSE(settings_of({"TERM=dumb"}).console.colour);
  EXPECT_FALSE(settings_of({}).console.colour);
}

TEST(ResolveTest, ShowsAStrangeValueInOneShortLine) {
  const std::string message = problem_of({"WAYBILL_INJECT=a\nb\x1b[31m" + std::string(5'000, 'x')}).message;
  EXPECT_THAT(message, HasSubstr("\"a?b?[31m"));
  EXPECT_LT(message.size(), 400U);
  EXPECT_THAT(problem_of({"WAYBILL_INJECT=" + std::string(199, 'x') + "€uro"}).message,
              HasSubstr("x…\" is not one of"));
}

TEST(ResolveTest, ReadsHowToAskAboutLag) {
  const Settings settings = settings_of({"WAYBILL_LAG_QUERY=On", "WAYBILL_LAG_INTERVAL=2500",
                                         "WAYBILL_KAFKA_CONFIG=security.protocol=ssl, sasl.password=a%2Cb"});
  EXPECT_EQ(settings.lag, (LagSettings{LagQueryMode::kOn, std::chrono::milliseconds{2'500}}));
  EXPECT_EQ(settings.kafka.properties, (std::vector<std::pair<std::string, std::string>>{
                                           {"security.protocol", "ssl"}, {"sasl.password", "a,b"}}));
}

TEST(ResolveTest, ShowsNoSecretOfKafkasProperties) {
  const Problem problem = problem_of({"WAYBILL_KAFKA_CONFIG=sasl.password=hunter2,nonsense"});
  EXPECT_EQ(describe(problem).find("hunter2"), std::string::npos);
}

TEST(ResolveTest, ReadsLimits) {
  const Settings settings =
      settings_of({"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=10", "OTEL_SPAN_LINK_COUNT_LIMIT=0",
                   "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT=100", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT=3"});
  EXPECT_EQ(settings.link_attribute_count_limit, 3U);
  EXPECT_EQ(settings.attribute_count_limit, 10U);
  EXPECT_EQ(settings.link_count_limit, 0U);
  EXPECT_EQ(settings.attribute_value_length_limit, 100U);
}

TEST(ResolveTest, LetsASpansLimitWinOverTheGeneralOne) {
  const Settings general =
      settings_of({"OTEL_ATTRIBUTE_COUNT_LIMIT=20", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT=200"});
  EXPECT_EQ(general.attribute_count_limit, 20U);
  EXPECT_EQ(general.attribute_value_length_limit, 200U);
  EXPECT_EQ(settings_of({"OTEL_ATTRIBUTE_COUNT_LIMIT=20", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=10"})
                .attribute_count_limit,
            10U);
}

TEST(ResolveTest, UsesTheDefaultForALimitThatIsNoNumber) {
  EXPECT_EQ(resolved({"OTEL_SPAN_LINK_COUNT_LIMIT=many"}).settings, Settings{});
  EXPECT_THAT(problem_of({"OTEL_SPAN_LINK_COUNT_LIMIT=-1"}).message, HasSubstr("128 is used"));
  EXPECT_THAT(problem_of({"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT=long"}).message, HasSubstr("no limit is used"));
}

TEST(ResolveTest, TellsEveryProblemOnce) {
  const Resolved result = resolved({"WAYBILL_INJECT=a", "WAYBILL_PROCESS=b", "OTEL_BSP_MAX_QUEUE_SIZE=c"});
  EXPECT_EQ(result.problems.size(), 3U);
  EXPECT_EQ(result.settings, Settings{});
}

}  // namespace
}  // namespace waybill::configure
