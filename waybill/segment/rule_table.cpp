#include "waybill/segment/rule_table.h"

#include <cstring>

#include "waybill/base/shared_word.h"

namespace waybill::segment {
namespace {

using base::shared;

std::uint8_t bounded(std::uint8_t size, std::size_t most) {
  return size < most ? size : static_cast<std::uint8_t>(most);
}

// Whole words, each of them read once.
void copy_words(const char* from, std::size_t size, char* to) {
  for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
    auto& word = *reinterpret_cast<std::uint64_t*>(const_cast<char*>(from + at));
    const std::uint64_t value = shared(word).load(std::memory_order_relaxed);
    std::memcpy(to + at, &value, sizeof value);
  }
}
static_assert(offsetof(TopicRule, topic) % sizeof(std::uint64_t) == 0);
static_assert(offsetof(TopicRule, group) % sizeof(std::uint64_t) == 0);
static_assert(offsetof(HeaderRule, name) % sizeof(std::uint64_t) == 0);

}  // namespace

TopicRule copy_of(const TopicRule& shared_rule) {
  TopicRule rule;
  copy_words(reinterpret_cast<const char*>(&shared_rule), offsetof(TopicRule, topic),
             reinterpret_cast<char*>(&rule));
  rule.topic_size = bounded(rule.topic_size, kMaxPattern);
  rule.group_size = bounded(rule.group_size, kMaxPattern);
  copy_words(shared_rule.topic, rule.topic_size, rule.topic);
  copy_words(shared_rule.group, rule.group_size, rule.group);
  return rule;
}

HeaderRule copy_of(const HeaderRule& shared_rule) {
  HeaderRule rule;
  copy_words(reinterpret_cast<const char*>(&shared_rule), offsetof(HeaderRule, name),
             reinterpret_cast<char*>(&rule));
  rule.name_size = bounded(rule.name_size, kMaxHeaderPattern);
  copy_words(shared_rule.name, rule.name_size, rule.name);
  return rule;
}

}  // namespace waybill::segment
