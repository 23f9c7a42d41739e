#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// What the settings say of single topics, groups and headers, as it stands in a segment: written by the
// collecting side, read by the host where a message's topic is new to it, and for each header that it looks
// at.
namespace waybill::segment {

// What a rule may be about; the bits of TopicRule::operations.
enum class Operation : std::uint8_t {
  kSend = 1,
  kReceive = 2,
  kProcess = 4,
  kSettle = 8,
  kTransaction = 16,
};
inline constexpr std::uint8_t kAllOperations = 31;

inline constexpr std::size_t kMaxPattern = 248;  // bytes of a pattern for topics or groups

// One line of the table. Patterns are those of context::matches_glob().
struct TopicRule {
  std::uint64_t argument = 0;  // of a sampler rule: context::Sampler::argument
  std::uint8_t verdict = 0;    // of a sampler rule a context::Sampler::Kind, of a filter 1 for "observed"
  std::uint8_t operations = kAllOperations;
  std::uint8_t topic_size = 0;
  std::uint8_t group_size = 0;  // 0: any group, and producers
  std::uint32_t unused = 0;
  char topic[kMaxPattern] = {};
  char group[kMaxPattern] = {};

  std::string_view topic_pattern() const { return {topic, topic_size}; }
  std::string_view group_pattern() const { return {group, group_size}; }
};
static_assert(sizeof(TopicRule) == 512);

inline constexpr std::size_t kMaxHeaderPattern = 120;  // bytes

// Whether headers of such names are captured.
struct HeaderRule {
  std::uint8_t captured = 0;
  std::uint8_t name_size = 0;
  std::uint8_t unused[6] = {};
  char name[kMaxHeaderPattern] = {};

  std::string_view name_pattern() const { return {name, name_size}; }
};
static_assert(sizeof(HeaderRule) == 128);

// In each list the first line that fits counts. A topic that no filter names is observed; what no sampler
// rule names is sampled; a header that no rule names is not captured.
struct RuleTable {
  static constexpr std::size_t kMaxFilters = 34;  // the user's, and what keeps Kafka's own topics out
  static constexpr std::size_t kMaxRules = 32;
  static constexpr std::size_t kMaxHeaderRules = 32;

  std::uint64_t filter_count = 0;
  std::uint64_t rule_count = 0;
  std::uint64_t header_rule_count = 0;
  TopicRule filters[kMaxFilters];
  TopicRule rules[kMaxRules];
  HeaderRule header_rules[kMaxHeaderRules];
  HeaderRule conversation_id;  // the name of the header that is one; empty: none is
};

// A copy of a line that another process may be changing: its sizes are right whatever stands there.
TopicRule copy_of(const TopicRule& shared_rule);
HeaderRule copy_of(const HeaderRule& shared_rule);

}  // namespace waybill::segment
