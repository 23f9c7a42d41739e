#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "waybill/observe/testing/hall.h"

namespace waybill::observe {
namespace {

using segment::RuleTable;
using testing::client_of;
using ::testing::ElementsAre;
using testing::hall;
using ::testing::IsEmpty;

using Headers = std::vector<MessageHeader>;

MessageHeader header(std::string_view name, std::string_view value, bool carries_context = false) {
  return {name, value.data(), value.size(), carries_context};
}

MessageHeaders source_of(const Headers& headers) {
  MessageHeaders source;
  source.list = &headers;
  source.get = [](const MessageHeaders& self, std::size_t at) -> std::optional<MessageHeader> {
    const Headers& all = *static_cast<const Headers*>(self.list);
    return at < all.size() ? std::optional{all[at]} : std::nullopt;
  };
  return source;
}

// A door that has these headers for any message.
HeaderSource door_with(const MessageHeaders& headers) {
  return {[](const HeaderSource& source, const void*, std::uint32_t) {
            return *static_cast<const MessageHeaders*>(source.door);
          },
          &headers};
}

// "-secret", "+*": in this order.
RuleTable rules_of(const std::vector<std::string>& rules) {
  RuleTable table;
  for (const std::string& text : rules) {
    segment::HeaderRule& rule = table.header_rules[table.header_rule_count++];
    rule.captured = text[0] == '+' ? 1 : 0;
    rule.name_size = static_cast<std::uint8_t>(text.size() - 1);
    std::copy(text.begin() + 1, text.end(), rule.name);
  }
  return table;
}

void publish(const RuleTable& rules) {
  segment::HostSettings settings;
  settings.capture_headers = true;
  hall().publish(settings, rules);
}

// "name=value", with "(null)" for a null value, as they stand in the record of a message with these headers.
std::vector<std::string> texts_in(const segment::RecordView& record, std::size_t at) {
  const auto* bytes = reinterpret_cast<const char*>(record.bytes.data());
  segment::CapturedHeaders head;
  std::memcpy(&head, bytes + at, sizeof head);
  at += sizeof head;
  std::vector<std::string> texts;
  for (int left = head.count; left > 0; --left) {
    segment::CapturedHeader entry;
    std::memcpy(&entry, bytes + at, sizeof entry);
    at += sizeof entry;
    const std::string value{bytes + at + entry.name_size, entry.value_size};
    texts.push_back(std::string{bytes + at, entry.name_size} + "=" +
                    ((entry.bits & segment::kNullValue) != 0 ? "(null)" : value));
    at += std::size_t{entry.name_size} + entry.value_size;
  }
  if (head.left_out != 0) texts.push_back("left out: " + std::to_string(head.left_out));
  return texts;
}

std::vector<std::string> captured_from(const MessageHeaders& source) {
  Client& producer = client_of(true);
  hall().drain([](const segment::RecordView&) {});
  const SendPlan plan = hall().room().plan_send(producer, "orders", {});
  hall().room().record_send(
      producer, plan,
      {.address = &source, .topic = "orders", .key = "k", .key_size = 1, .headers = door_with(source)},
      false);
  std::vector<std::string> texts;
  hall().drain([&](const segment::RecordView& view) {
    segment::SendStarted record;
    std::memcpy(&record, view.bytes.data(), sizeof record);
    if (record.has_headers != 0) texts = texts_in(view, sizeof record + record.key_size);
  });
  hall().room().close_client(producer);
  return texts;
}

std::vector<std::string> captured_of_send(const Headers& headers) {
  return captured_from(source_of(headers));
}

TEST(CapturingTest, TakesWhatAPatternNamesInTheOrderOfTheMessage) {
  publish(rules_of({"+x-*", "+tenant"}));
  const Headers headers{header("tenant", "eu"), header("other", "1"), header("x-a", "1"),
                        {"x-b", nullptr, 0},    header("x-a", "2"),   header("X-A", "3")};
  EXPECT_THAT(captured_of_send(headers), ElementsAre("tenant=eu", "x-a=1", "x-b=(null)", "x-a=2"));
}

TEST(CapturingTest, LeavesOutWhatIsExcludedWhateverElseIsNamed) {
  publish(rules_of({"-*token*", "-cookie", "+*", "+x-token"}));
  const Headers headers{header("x-token", "secret"), header("cookie", "secret"), header("tenant", "eu")};
  EXPECT_THAT(captured_of_send(headers), ElementsAre("tenant=eu"));
}

TEST(CapturingTest, TakesAHeaderOfAPropagatorOnlyIfItIsNamedInFull) {
  const Headers headers{header("traceparent", "00-1", true), header("tenant", "eu")};
  publish(rules_of({"+*", "+trace????nt"}));
  EXPECT_THAT(captured_of_send(headers), ElementsAre("tenant=eu"));
  publish(rules_of({"+*", "+traceparent"}));
  EXPECT_THAT(captured_of_send(headers), ElementsAre("traceparent=00-1", "tenant=eu"));
  publish(rules_of({"-trace*", "+*", "+traceparent"}));
  EXPECT_THAT(captured_of_send(headers), ElementsAre("tenant=eu"));
}

TEST(CapturingTest, TakesTheConversationIdThoughNoPatternNamesIt) {
  RuleTable table = rules_of({"-call"});
  table.conversation_id.name_size = 4;
  std::copy_n("call", 4, table.conversation_id.name);
  publish(table);
  EXPECT_THAT(captured_of_send({header("call", "7"), header("call-2", "8"), header("tenant", "eu")}),
              ElementsAre("call=7"));
}

TEST(CapturingTest, TakesNothingOfAMessageWithoutSuchHeaders) {
  publish(rules_of({"+x-*"}));
  EXPECT_THAT(captured_of_send({header("other", "1")}), IsEmpty());
  EXPECT_THAT(captured_of_send({}), IsEmpty());
}

TEST(CapturingTest, TakesOfAMessageNoMoreThanARecordHoldsAndCountsTheRest) {
  publish(rules_of({"+*"}));
  const std::string large(2'000, 'v');
  std::vector<std::string> texts = captured_of_send(Headers(6, header("large", large)));
  ASSERT_EQ(texts.size(), 4U);
  EXPECT_EQ(texts[0], "large=" + large.substr(0, segment::kMaxHeaderValue));
  EXPECT_EQ(texts[3], "left out: 3");
  texts = captured_of_send(Headers(300, header("n", "v")));  // of which 256 are looked at
  ASSERT_EQ(texts.size(), 33U);
  EXPECT_EQ(texts[32], "left out: 224");
  EXPECT_THAT(captured_of_send({header(large, "v")}), ElementsAre("left out: 1"));
}

TEST(CapturingTest, ReadsNoMoreRulesThanThereAre) {
  RuleTable table = rules_of({"+a"});
  table.header_rule_count = ~0ULL;
  publish(table);
  EXPECT_THAT(captured_of_send({header("a", "1"), header("b", "2")}), ElementsAre("a=1"));
}

TEST(CapturingTest, TakesThoseOfAConsumedMessageBehindItsKeyAndTracestate) {
  publish(rules_of({"+tenant"}));
  const Headers headers{header("tenant", "eu")};
  const MessageHeaders source = source_of(headers);
  Client& consumer = client_of(false);
  IncomingMessage message;
  message.topic = "orders";
  message.key = "key";
  message.key_size = 3;
  message.creation.context.trace_id.bytes.fill(1);
  message.creation.context.span_id.bytes.fill(2);
  message.creation.tracestate = "a=1";
  message.headers = door_with(source);
  hall().drain([](const segment::RecordView&) {});
  hall().room().hand_over(consumer, message);
  std::vector<std::string> texts;
  hall().drain([&](const segment::RecordView& view) {
    segment::SingleConsumed record;
    std::memcpy(&record, view.bytes.data(), sizeof record);
    if (record.has_headers != 0)
      texts = texts_in(view, sizeof record + record.key_size + record.tracestate_size);
  });
  EXPECT_THAT(texts, ElementsAre("tenant=eu"));
  hall().room().close_client(consumer);
}

// What one function gives stands there until the test ends.
class Described {
 public:
  explicit Described(DescribeMessage describe) { Room::describe_by(describe); }
  ~Described() { Room::describe_by(nullptr); }
  Described(const Described&) = delete;
  Described& operator=(const Described&) = delete;
};

void say_what_is_seen(const DescribedMessage& message, GivenAttributes& attributes) {
  attributes.put("topic", message.topic);
  attributes.put("key", std::string_view{static_cast<const char*>(message.key), message.key_size});
  attributes.put("tenant", std::string_view{
                               static_cast<const char*>(message.headers.get(message.headers, 0)->value), 2});
  attributes.put_bool("body", message.body == nullptr);
}

TEST(CapturingTest, TakesWhatTheApplicationGivesBeforeTheHeaders) {
  const Described described{say_what_is_seen};
  publish(rules_of({"+x"}));
  const Headers headers{header("tenant", "eu"), header("x", "1")};
  EXPECT_THAT(captured_of_send(headers),
              ElementsAre("topic=orders", "key=k", "tenant=eu", "body=\x01", "x=1"));
  hall().publish({});  // no headers are asked for
  EXPECT_THAT(captured_of_send(headers), ElementsAre("topic=orders", "key=k", "tenant=eu", "body=\x01"));
}

TEST(CapturingTest, TakesNoMoreOfTheApplicationThanThereIsRoomFor) {
  hall().publish({});
  {
    const Described described{[](const DescribedMessage&, GivenAttributes& attributes) {
      const std::string large(3'000, 'v');
      attributes.put("a", large);  // cut
      attributes.put(std::string(segment::kMaxHeaderName + 1, 'n'), "too long a name");
      attributes.put("", "no name");
      attributes.put("b", large);  // beyond the bytes
      attributes.put_bool("c", true);
    }};
    const std::vector<std::string> texts = captured_of_send({});
    ASSERT_EQ(texts.size(), 3U);
    EXPECT_EQ(texts[0], "a=" + std::string(segment::kMaxHeaderValue, 'v'));
    EXPECT_EQ(texts[2], "left out: 3");
  }
  const Described described{[](const DescribedMessage&, GivenAttributes& attributes) {
    for (int number = 0; number < 100; ++number) attributes.put("n", "v");
  }};
  const std::vector<std::string> texts = captured_of_send({});
  ASSERT_EQ(texts.size(), GivenAttributes::kMost + 1);
  EXPECT_EQ(texts.back(), "left out: 68");
}

TEST(CapturingTest, KeepsOfAMessageWhoseRulesChangeMeanwhileWhatTheApplicationGave) {
  const Described described{
      [](const DescribedMessage&, GivenAttributes& attributes) { attributes.put("a", "1"); }};
  publish(rules_of({"+x"}));
  MessageHeaders changing;
  changing.get = [](const MessageHeaders&, std::size_t at) -> std::optional<MessageHeader> {
    if (at != 0) return std::nullopt;
    publish(rules_of({"-x"}));
    return header("x", "1");
  };
  EXPECT_THAT(captured_from(changing), ElementsAre("a=1"));
}

}  // namespace
}  // namespace waybill::observe
