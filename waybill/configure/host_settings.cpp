#include "waybill/configure/host_settings.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <string_view>

#include "waybill/context/sampler.h"

namespace waybill::configure {
namespace {

// Kafka keeps its own state in topics of such names.
constexpr std::string_view kInternal = "__";

std::uint64_t argument_of(const SamplerChoice& choice) {
  if (choice.has_rate()) return context::interval_of(choice.number);
  return choice.has_ratio() ? context::ratio_threshold(choice.number) : 0;
}

template <std::size_t Size>
void put_pattern(std::string_view pattern, char (&text)[Size], std::uint8_t& size) {
  assert(pattern.size() <= sizeof text);
  std::copy(pattern.begin(), pattern.end(), text);
  size = static_cast<std::uint8_t>(pattern.size());
}

void add_filter(segment::RuleTable& table, std::string_view pattern, bool observed) {
  assert(table.filter_count < segment::RuleTable::kMaxFilters);
  segment::TopicRule& filter = table.filters[table.filter_count++];
  filter.verdict = observed ? 1 : 0;
  put_pattern(pattern, filter.topic, filter.topic_size);
}

void add_filters(const Settings& settings, segment::RuleTable& table) {
  for (const std::string& pattern : settings.topics_exclude) add_filter(table, pattern, false);
  for (const std::string& pattern : settings.topics_include) {
    if (pattern.starts_with(kInternal)) add_filter(table, pattern, true);
  }
  add_filter(table, std::string{kInternal} + "*", false);
  if (settings.topics_include.empty()) return;
  for (const std::string& pattern : settings.topics_include) {
    if (!pattern.starts_with(kInternal)) add_filter(table, pattern, true);
  }
  add_filter(table, "*", false);
}

void add_rule(const SamplerRule& from, segment::RuleTable& table) {
  assert(table.rule_count < segment::RuleTable::kMaxRules);
  segment::TopicRule& rule = table.rules[table.rule_count++];
  rule.verdict = static_cast<std::uint8_t>(from.sampler.kind);
  rule.argument = argument_of(from.sampler);
  rule.operations = from.operations;
  put_pattern(from.topic, rule.topic, rule.topic_size);
  put_pattern(from.group, rule.group, rule.group_size);
}

void add_header_rules(const std::vector<std::string>& patterns, bool captured, segment::RuleTable& table) {
  for (const std::string& pattern : patterns) {
    assert(table.header_rule_count < segment::RuleTable::kMaxHeaderRules);
    segment::HeaderRule& rule = table.header_rules[table.header_rule_count++];
    rule.captured = captured ? 1 : 0;
    put_pattern(pattern, rule.name, rule.name_size);
  }
}

}  // namespace

segment::HostSettings host_settings(const Settings& settings, double adaptive_ratio) {
  segment::HostSettings host;
  host.enabled = settings.enabled;
  host.record = !settings.sdk_disabled;
  host.count = !settings.sdk_disabled && !settings.metrics.exporters.empty();
  host.record_unsampled = settings.keep.anything();
  host.propagators = settings.propagators.packed();
  host.replace_existing = settings.existing_context == ExistingContext::kReplace;
  host.relation_link = settings.consumer_relation == ConsumerRelation::kLink;
  host.capture_key = settings.capture_key != CaptureKey::kNothing;
  host.capture_headers =
      !settings.capture_headers_include.empty() || !settings.conversation_id_header.empty();
  host.count_partitions = settings.metrics.partition_id;
  host.sends = settings.spans.send;
  host.receives = settings.spans.receive;
  host.processes = settings.spans.process;
  host.settles = settings.spans.settle;
  host.transactions = settings.spans.transaction;
  host.creates = settings.spans.create;
  host.has_filters = !settings.topics_include.empty() || !settings.topics_exclude.empty();
  host.inject = static_cast<std::uint8_t>(settings.inject);
  host.process = static_cast<std::uint8_t>(settings.process);
  // In the order of context::ParentKind.
  const SamplerSettings& sampler = settings.sampler;
  std::array<SamplerChoice, context::kParentKinds> choices{
      sampler.root, sampler.remote_parent_sampled, sampler.remote_parent_not_sampled,
      sampler.local_parent_sampled, sampler.local_parent_not_sampled};
  for (std::size_t at = 0; at < choices.size(); ++at) {
    if (choices[at].has_budget()) choices[at] = {SamplerKind::kTraceIdRatio, adaptive_ratio};
    host.samplers[at] = static_cast<std::uint8_t>(choices[at].kind);
    host.sampler_arguments[at] = argument_of(choices[at]);
  }
  return host;
}

segment::RuleTable rule_table(const Settings& settings) {
  segment::RuleTable table;
  add_filters(settings, table);
  for (const SamplerRule& rule : settings.sampler_rules) add_rule(rule, table);
  add_header_rules(settings.capture_headers_exclude, false, table);
  add_header_rules(settings.capture_headers_include, true, table);
  put_pattern(settings.conversation_id_header, table.conversation_id.name, table.conversation_id.name_size);
  return table;
}

}  // namespace waybill::configure
