// The room's part that chooses what is recorded of a message besides: headers, and attributes that the
// application gives.

#include <algorithm>

#include "waybill/base/shared_word.h"
#include "waybill/context/glob.h"
#include "waybill/observe/internal/describe_message.h"
#include "waybill/observe/room.h"

namespace waybill::observe {

using segment::HeaderRule;
using segment::RuleTable;

namespace {

// So that a message with very many headers costs a bounded time.
constexpr std::size_t kMostLookedAt = 256;

// A header that carries a context says what the span says already: it is captured only where a rule names it
// in full.
bool fits(const HeaderRule& rule, const MessageHeader& header) {
  if (rule.captured != 0 && header.carries_context) return rule.name_pattern() == header.name;
  return context::matches_glob(rule.name_pattern(), header.name);
}

bool is_captured(const RuleTable& table, std::size_t rules, const MessageHeader& header) {
  for (std::size_t at = 0; at < rules; ++at) {
    const HeaderRule rule = segment::copy_of(table.header_rules[at]);
    if (fits(rule, header)) return rule.captured != 0;
  }
  return false;
}

// 0: it is not captured.
std::uint8_t uses_of(const RuleTable& table, std::size_t rules, const MessageHeader& header) {
  std::uint8_t uses = is_captured(table, rules, header) ? segment::kForAttribute : std::uint8_t{0};
  const HeaderRule conversation_id = segment::copy_of(table.conversation_id);
  if (conversation_id.name_size != 0 && conversation_id.name_pattern() == header.name)
    uses |= segment::kForConversationId;
  return uses;
}

}  // namespace

void Room::describe_by(DescribeMessage describe) {
  internal::describe_message.store(describe, std::memory_order_release);
}

template <typename Message>
void Room::gather_texts(const Message& message, bool is_outgoing, std::uint32_t propagators,
                        GivenAttributes& given, segment::HeaderTexts& texts) const {
  if (message.headers.open == nullptr) return;
  const MessageHeaders headers = message.headers.open(message.headers, message.address, propagators);
  if (const DescribeMessage describe = internal::describe_message.load(std::memory_order_acquire)) {
    describe({.is_outgoing = is_outgoing,
              .topic = message.topic,
              .key = message.key,
              .key_size = message.key_size,
              .body = headers.body,
              .body_size = message.body_size,
              .headers = headers},
             given);
    given.for_each([&](std::string_view name, const char* value, std::size_t size, std::uint8_t bits) {
      texts.add(name, value, size, segment::kIsAttribute, bits);
    });
    texts.leave_out(given.left_out());
  }
  capture_headers(headers, texts);
}

template void Room::gather_texts(const OutgoingMessage&, bool, std::uint32_t, GivenAttributes&,
                                 segment::HeaderTexts&) const;
template void Room::gather_texts(const IncomingMessage&, bool, std::uint32_t, GivenAttributes&,
                                 segment::HeaderTexts&) const;

void Room::capture_headers(const MessageHeaders& headers, segment::HeaderTexts& texts) const {
  const segment::PackedSettings settings = this->settings();
  if (!settings.capture_headers() || settings.version == 0) return;  // or the rules have not come yet
  const segment::HeaderTexts::Mark before = texts.mark();
  const RuleTable& table = writer_.rule_table(settings);
  auto* count = const_cast<std::uint64_t*>(&table.header_rule_count);
  const std::uint64_t rules =
      std::min<std::uint64_t>(base::shared(*count).load(std::memory_order_relaxed), table.kMaxHeaderRules);
  for (std::size_t at = 0; at < kMostLookedAt; ++at) {
    const std::optional<MessageHeader> header = headers.get(headers, at);
    if (!header) break;
    const std::uint8_t uses = uses_of(table, rules, *header);
    if (uses != 0) texts.add(header->name, header->value, header->value_size, uses);
  }
  // A rule that was changing while it was read may have let through what no rule does.
  if (!writer_.is_current(settings)) texts.drop_from(before);
}

}  // namespace waybill::observe
