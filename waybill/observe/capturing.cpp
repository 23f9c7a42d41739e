// The room's part that chooses which headers of a message are recorded.

#include <algorithm>

#include "waybill/base/shared_word.h"
#include "waybill/context/glob.h"
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

void Room::capture_headers(const HeaderSource& source, const void* message, std::uint32_t propagators,
                           segment::HeaderTexts& texts) const {
  const segment::PackedSettings settings = this->settings();
  if (source.open == nullptr || settings.version == 0) return;  // or the rules have not come yet
  const MessageHeaders headers = source.open(source, message, propagators);
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
  if (!writer_.is_current(settings)) texts.clear();
}

}  // namespace waybill::observe
