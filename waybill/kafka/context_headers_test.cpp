#include "waybill/kafka/context_headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/kafka/testing/header_list.h"

namespace waybill::kafka {
namespace {

using context::Propagator;
using context::Propagators;
using ::testing::ElementsAre;
using testing::Header;
using testing::HeaderList;
using testing::linked_api;

constexpr std::array kAll{Propagator::kTraceContext, Propagator::kBaggage, Propagator::kB3,
                          Propagator::kB3Multi, Propagator::kJaeger};

// Any number of propagators in any order.
std::vector<Propagators> all_combinations() {
  std::vector<Propagators> combinations{Propagators{}};
  for (std::size_t at = 0; at < combinations.size(); ++at) {
    for (const Propagator one : kAll) {
      Propagators more = combinations[at];
      more.add(one);
      if (more != combinations[at]) combinations.push_back(more);
    }
  }
  return combinations;
}

bool belongs_to(Propagators propagators, const std::string& name) {
  if (name == "traceparent" || name == "tracestate") return propagators.has(Propagator::kTraceContext);
  if (name == "baggage") return propagators.has(Propagator::kBaggage);
  if (name == "uber-trace-id") return propagators.has(Propagator::kJaeger);
  const bool is_b3 = name == "b3" || name.starts_with("X-B3-") || name.starts_with("x-b3-");
  return is_b3 && (propagators.has(Propagator::kB3) || propagators.has(Propagator::kB3Multi));
}

context::SpanContext any_context(std::mt19937_64& random) {
  context::SpanContext context;
  for (auto& byte : context.trace_id.bytes) byte = static_cast<std::uint8_t>(random());
  for (auto& byte : context.span_id.bytes) byte = static_cast<std::uint8_t>(random());
  context.flags = static_cast<std::uint8_t>(random() & context::kFlagSampled);
  return context;
}

// Headers that a message may have when it comes to us: of every propagator, of the application, broken ones.
std::vector<Header> any_headers(std::mt19937_64& random) {
  static const std::vector<Header> known{
      {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
      {"traceparent", std::nullopt},
      {"tracestate", "stale=1"},
      {"tracestate", "\xff"},
      {"b3", "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1"},
      {"b3", ""},
      {"X-B3-TraceId", "0af7651916cd43dd8448eb211c80319c"},
      {"X-B3-SpanId", "b7ad6b7169203331"},
      {"X-B3-ParentSpanId", "b7ad6b7169203331"},
      {"X-B3-Sampled", "0"},
      {"X-B3-Flags", "1"},
      {"x-b3-traceid", "0af7651916cd43dd8448eb211c80319c"},
      {"x-b3-spanid", "b7ad6b7169203331"},
      {"x-b3-parentspanid", "b7ad6b7169203331"},
      {"x-b3-sampled", "1"},
      {"x-b3-flags", "1"},
      {"uber-trace-id", "0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331:0:1"},
      {"uber-trace-id", "stale"},
      {"uberctx-user", "alice"},
      {"baggage", "own=1"},
      {"application", "1"},
      {"application", std::nullopt},
      {"Traceparent", "the application's own"},
  };
  std::vector<Header> headers;
  for (std::uint64_t count = random() % 12; count > 0; --count)
    headers.push_back(known[random() % known.size()]);
  return headers;
}

std::vector<Header> without(const std::vector<Header>& headers, Propagators propagators) {
  std::vector<Header> rest;
  for (const Header& header : headers) {
    if (header.name == "baggage" || !belongs_to(propagators, header.name)) rest.push_back(header);
  }
  return rest;
}

TEST(ContextHeadersTest, AreReadAgainByEveryPropagatorThatWroteThem) {
  std::mt19937_64 random{1};
  for (const Propagators propagators : all_combinations()) {
    for (int round = 0; round < 50; ++round) {
      const context::SpanContext context = any_context(random);
      const std::string tracestate = round % 2 == 0 ? "" : "vendor=1,other@system= 2";
      const std::string baggage = round % 3 == 0 ? "" : "user=alice;ttl=1,node=DF%2028";
      const HeaderList list{{}};
      ASSERT_TRUE(ContextHeaders(propagators, context, tracestate, baggage).add_to(linked_api(), list.get()));
      propagators.for_each([&](Propagator reader) {
        const FoundContext found = find_context(linked_api(), list.get(), Propagators{reader});
        ASSERT_FALSE(found.malformed);
        if (reader == Propagator::kBaggage) {
          ASSERT_EQ(found.message.baggage, baggage);
          return;
        }
        ASSERT_EQ(found.message.context, context);
        ASSERT_EQ(found.message.tracestate, reader == Propagator::kTraceContext ? tracestate : "");
      });
    }
  }
}

TEST(ContextHeadersTest, StandOnceAndLeaveNothingStaleWhateverTheMessageHad) {
  std::mt19937_64 random{2};
  for (const Propagators propagators : all_combinations()) {
    for (int round = 0; round < 200; ++round) {
      const std::vector<Header> before = any_headers(random);
      const HeaderList list{before};
      const context::SpanContext context = any_context(random);
      const ContextHeaders added{propagators, context, round % 2 == 0 ? "" : "vendor=1", {}};
      remove_context(linked_api(), list.get(), propagators);
      ASSERT_EQ(list.all(), without(before, propagators)) << "the application's own stay, in their order";
      ASSERT_TRUE(added.add_to(linked_api(), list.get()));
      std::map<std::string, int> count;
      for (const Header& header : list.all()) ++count[header.name];
      for (const auto& [name, times] : count) {
        if (name == "baggage" || !belongs_to(propagators, name)) continue;
        ASSERT_EQ(times, 1) << name;
      }
      if (!propagators.carry_context()) continue;
      const FoundContext found = find_context(linked_api(), list.get(), propagators);
      ASSERT_EQ(found.message.context, context) << "what was there before counts no more";
    }
  }
}

TEST(ContextHeadersTest, AreKnownByTheirNames) {
  std::mt19937_64 random{5};
  for (const Propagators propagators : all_combinations()) {
    for (const Header& header : any_headers(random))
      EXPECT_EQ(is_context_header(header.name, propagators), belongs_to(propagators, header.name))
          << header.name;
  }
}

TEST(ContextHeadersTest, TakeAsMuchRoomInARecordAsTheySay) {
  const context::SpanContext context = [] {
    std::mt19937_64 random{3};
    return any_context(random);
  }();
  const Propagators all{Propagator::kTraceContext, Propagator::kB3, Propagator::kB3Multi, Propagator::kJaeger,
                        Propagator::kBaggage};
  const ContextHeaders headers{all, context, "vendor=1", "user=alice"};
  const HeaderList list{{}};
  ASSERT_TRUE(headers.add_to(linked_api(), list.get()));
  EXPECT_EQ(headers.count(), list.all().size());
  std::size_t size = 0;
  for (const auto& [name, value] : list.all()) size += name.size() + value->size() + kHeaderOverhead;
  EXPECT_EQ(headers.size_in_record(), size);
}

TEST(ContextHeadersTest, HandADebugTraceOnInBothFormsOfB3AndInJaegers) {
  std::mt19937_64 random{4};
  context::SpanContext context = any_context(random);
  context.flags = context::kFlagSampled | context::kFlagDebug;
  for (const Propagator one : {Propagator::kB3, Propagator::kB3Multi, Propagator::kJaeger}) {
    const HeaderList list{{}};
    ContextHeaders(Propagators{one}, context, {}, {}).add_to(linked_api(), list.get());
    EXPECT_EQ(find_context(linked_api(), list.get(), Propagators{one}).message.context, context);
  }
}

TEST(ContextHeadersTest, WriteNothingWithoutAContextButBaggage) {
  const Propagators all{Propagator::kB3Multi, Propagator::kBaggage, Propagator::kTraceContext};
  const HeaderList list{{}};
  ContextHeaders(all, {}, "vendor=1", "user=alice").add_to(linked_api(), list.get());
  EXPECT_THAT(list.all(), ElementsAre(Header{"baggage", "user=alice"}));
}

TEST(ContextHeadersTest, OfAnotherWayAreReadInUpperAndLowerCase) {
  constexpr std::string_view kTrace = "0af7651916cd43dd8448eb211c80319c";
  const std::string traceparent = "00-" + std::string{kTrace} + "-b7ad6b7169203331-01";
  const PlainHeader list[] = {{"TRACEPARENT", "broken"},      {"Accept", "*/*"},
                              {"Traceparent", traceparent},   {"TraceState", "vendor=1"},
                              {"traceparen", "no such name"}, {"traceparent2", "nor this"},
                              {"Baggage", "user=alice"}};
  const FoundContext found = find_context(list, context::kDefaultPropagators);
  EXPECT_FALSE(found.malformed);
  EXPECT_TRUE(found.message.context.valid());
  EXPECT_EQ(found.message.tracestate, "vendor=1");
  EXPECT_EQ(found.message.baggage, "user=alice");
  EXPECT_FALSE(
      find_context(std::span<const PlainHeader>{}, context::kDefaultPropagators).message.context.valid());

  const PlainHeader b3[] = {
      {"x-b3-traceid", kTrace}, {"X-B3-SPANID", "b7ad6b7169203331"}, {"x-B3-sampled", "1"}};
  EXPECT_EQ(find_context(b3, Propagators{Propagator::kB3}).message.context, found.message.context);
  EXPECT_TRUE(find_context(list, Propagators{Propagator::kB3}).message.baggage.empty());
}

TEST(ContextHeadersTest, OfBaggageThatStandsTwiceTheLastCounts) {
  const HeaderList list{{{"baggage", "a=1"}, {"baggage", "b=2"}}};
  EXPECT_EQ(find_context(linked_api(), list.get(), context::kDefaultPropagators).message.baggage, "b=2");
}

}  // namespace
}  // namespace waybill::kafka
