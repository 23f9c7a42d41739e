// The room's part that decides which topics are observed and which operations are sampled.

#include <algorithm>
#include <atomic>

#include "waybill/base/clock.h"
#include "waybill/context/glob.h"
#include "waybill/observe/internal/mix.h"
#include "waybill/observe/room.h"

namespace waybill::observe {

using context::ParentKind;
using context::Sampler;
using internal::mix;
using segment::PackedSettings;
using segment::TopicRule;

namespace {

constinit std::atomic<AskApplication> application_sampler{nullptr};

constexpr std::uint64_t kNoRule = 254;
constexpr std::uint64_t kFilter = 0xff;  // stands for the operation where filters are asked

bool fits(const TopicRule& rule, std::string_view topic, std::string_view group) {
  if (!context::matches_glob(rule.topic_pattern(), topic)) return false;
  return rule.group_size == 0 || (!group.empty() && context::matches_glob(rule.group_pattern(), group));
}

// The second of the fields that stand in a client's profile.
std::string_view client_id_in(std::string_view profile) {
  const std::size_t kind_end = profile.find('\0');
  if (kind_end == std::string_view::npos) return {};
  profile.remove_prefix(kind_end + 1);
  return {profile.data(), std::min(profile.find('\0'), profile.size())};
}

}  // namespace

// The settings are part of the key, so a change forgets everything. A topic without a number is not
// remembered: there are more of them than a segment holds names.
std::uint64_t Room::rule_key(const PackedSettings& settings, std::string_view topic, std::uint64_t asked) {
  const std::uint64_t number = topic_of(topic);
  return number == 0 ? 0 : mix(mix(settings.version << 32U | number) ^ asked);
}

bool Room::passes_filters(const PackedSettings& settings, std::string_view topic) {
  if (settings.version == 0) return false;  // they have not come yet, and may name this one
  const std::uint64_t key = rule_key(settings, topic, kFilter);
  const std::uint64_t known = key == 0 ? AnswerCache::kUnknown : answers_.get(key);
  if (known != AnswerCache::kUnknown) return known != 0;
  const segment::RuleTable& table = writer_.rule_table(settings);
  auto* count = const_cast<std::uint64_t*>(&table.filter_count);
  const std::uint64_t filters =
      std::min<std::uint64_t>(base::shared(*count).load(std::memory_order_relaxed), table.kMaxFilters);
  bool observed = true;
  for (std::uint64_t at = 0; at < filters; ++at) {
    const TopicRule filter = segment::copy_of(table.filters[at]);
    if (!fits(filter, topic, {})) continue;
    observed = filter.verdict != 0;
    break;
  }
  if (key != 0 && writer_.is_current(settings)) answers_.put(key, observed ? 1 : 0);
  return observed;
}

// The number of the first rule that fits, or kNoRule.
std::uint64_t Room::find_rule(const PackedSettings& settings, const Sampling& what) {
  const std::uint64_t asked =
      std::uint64_t{what.client->number} << 8U | static_cast<std::uint64_t>(what.operation);
  const std::uint64_t key = rule_key(settings, what.topic, asked);
  const std::uint64_t known = key == 0 ? AnswerCache::kUnknown : answers_.get(key);
  if (known != AnswerCache::kUnknown) return known;
  const segment::RuleTable& table = writer_.rule_table(settings);
  auto* count = const_cast<std::uint64_t*>(&table.rule_count);
  const std::uint64_t rules =
      std::min<std::uint64_t>(base::shared(*count).load(std::memory_order_relaxed), table.kMaxRules);
  std::uint64_t found = kNoRule;
  for (std::uint64_t at = 0; at < rules && found == kNoRule; ++at) {
    const TopicRule rule = segment::copy_of(table.rules[at]);
    const bool concerns = (rule.operations & static_cast<std::uint8_t>(what.operation)) != 0;
    if (concerns && fits(rule, what.topic, what.client->group())) found = at;
  }
  if (key != 0 && writer_.is_current(settings)) answers_.put(key, found);
  return found;
}

std::uint64_t Room::argument_of(const PackedSettings& settings, ParentKind parent) const {
  const auto number = static_cast<unsigned>(parent);
  return settings.version == 0 ? first_words_.sampler_arguments[number]
                               : writer_.sampler_argument(settings, number);
}

bool Room::sample_by_more(const PackedSettings& settings, ParentKind parent, const Sampling& what) {
  const auto number = static_cast<unsigned>(parent);
  Sampler sampler{static_cast<Sampler::Kind>(settings.sampler(number)), argument_of(settings, parent)};
  context::RateLimiter* limiter = &limiters_[number];
  std::uint64_t bucket = number;
  if (sampler.kind == Sampler::Kind::kRules) {
    if (settings.version == 0) return false;  // they have not come yet
    const std::uint64_t rule = find_rule(settings, what);
    if (rule >= segment::RuleTable::kMaxRules) return true;  // no rule says anything of it
    const TopicRule copy = segment::copy_of(writer_.rule_table(settings).rules[rule]);
    sampler = {static_cast<Sampler::Kind>(copy.verdict), copy.argument};
    limiter = &rule_limiters_[rule];
    bucket = context::kParentKinds + rule;
  }
  if (sampler.kind == Sampler::Kind::kApplication) return ask_application(what);
  if (sampler.kind == Sampler::Kind::kRateLimitedPerTopic)
    limiter = &topic_limiters_.of(mix(std::uint64_t{topic_of(what.topic)} << 8U | (bucket + 1)) | 1U);
  return context::decide(sampler, what.trace_id, *limiter, [] { return base::coarse_monotonic_ns(); });
}

void Room::sample_by(AskApplication ask) { application_sampler.store(ask, std::memory_order_release); }

bool Room::ask_application(const Sampling& what) const {
  const AskApplication ask = application_sampler.load(std::memory_order_acquire);
  if (ask == nullptr) return true;
  const bool has_parent = what.parent != nullptr && what.parent->valid();
  const std::string_view profile = writer_.definition(what.client->profile, segment::DefinitionKind::kClient);
  return ask({.operation = what.operation,
              .topic = what.topic,
              .client_id = client_id_in(profile),
              .group = what.client->group(),
              .parent = has_parent ? what.parent : nullptr,
              .parent_is_remote = has_parent && what.parent_is_remote,
              .trace_id = what.trace_id});
}

}  // namespace waybill::observe
