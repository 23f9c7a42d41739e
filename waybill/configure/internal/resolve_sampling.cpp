#include "waybill/configure/internal/resolve_sampling.h"

#include <array>
#include <optional>

#include "waybill/configure/parse.h"
#include "waybill/configure/sampler_text.h"

namespace waybill::configure::internal {
namespace {

struct NamedSampler {
  SamplerKind kind;
  bool parent_based;
};

constexpr std::string_view kArgument = "OTEL_TRACES_SAMPLER_ARG";

// When no argument says otherwise.
constexpr double kUsualRate = 100;  // a second
constexpr double kUsualBudget = 1;  // percent

constexpr std::array<Choice<NamedSampler>, 16> kSamplers{{
    {"always_on", {SamplerKind::kAlwaysOn, false}},
    {"always_off", {SamplerKind::kAlwaysOff, false}},
    {"traceidratio", {SamplerKind::kTraceIdRatio, false}},
    {"ratelimited", {SamplerKind::kRateLimited, false}},
    {"ratelimited_per_topic", {SamplerKind::kRateLimitedPerTopic, false}},
    {"adaptive", {SamplerKind::kAdaptive, false}},
    {"rules", {SamplerKind::kRules, false}},
    {"application", {SamplerKind::kApplication, false}},
    {"parentbased_always_on", {SamplerKind::kAlwaysOn, true}},
    {"parentbased_always_off", {SamplerKind::kAlwaysOff, true}},
    {"parentbased_traceidratio", {SamplerKind::kTraceIdRatio, true}},
    {"parentbased_ratelimited", {SamplerKind::kRateLimited, true}},
    {"parentbased_ratelimited_per_topic", {SamplerKind::kRateLimitedPerTopic, true}},
    {"parentbased_adaptive", {SamplerKind::kAdaptive, true}},
    {"parentbased_rules", {SamplerKind::kRules, true}},
    {"parentbased_application", {SamplerKind::kApplication, true}},
}};

double resolve_budget(SettingReader& reader) {
  constexpr std::string_view kName = "WAYBILL_OVERHEAD_BUDGET";
  const auto text = reader.text(kName);
  const std::optional<double> budget = text ? parse_percentage(*text) : kUsualBudget;
  if (!budget) {
    reader.complain(kName, quoted(*text) + " is not a number above 0 and up to 100; " +
                               SettingReader::default_is_used(kName));
  }
  return budget.value_or(kUsualBudget);
}

// The number of a sampler: how it is read, what else it is, and what the user is told then.
struct SamplerNumber {
  std::optional<double> (*parse)(std::string_view text);
  double usual;
  std::string wrong;
};

SamplerNumber number_of(const SamplerChoice& choice, double budget) {
  if (choice.has_rate()) return {parse_rate, kUsualRate, " is not a number above 0; 100 is used"};
  if (choice.has_budget()) {
    return {parse_percentage, budget,
            " is not a number above 0 and up to 100; WAYBILL_OVERHEAD_BUDGET is used"};
  }
  return {parse_ratio, choice.number,
          " is not a number from 0 to 1; " + SettingReader::default_is_used(kArgument)};
}

SamplerChoice resolve_argument(SettingReader& reader, SamplerKind kind) {
  SamplerChoice choice{kind};
  const SamplerNumber number = number_of(choice, resolve_budget(reader));
  choice.number = number.usual;
  const auto text = reader.text(kArgument);
  if (!text) return choice;
  const std::optional<double> parsed = number.parse(*text);
  if (!parsed) {
    reader.complain(kArgument, quoted(*text) + number.wrong);
  } else if (choice.has_rate() || choice.has_ratio() || choice.has_budget()) {
    choice.number = *parsed;
  }
  return choice;
}

SamplerChoice* branch(SamplerSettings& sampler, std::string_view name) {
  if (name == "remote_parent_sampled") return &sampler.remote_parent_sampled;
  if (name == "remote_parent_not_sampled") return &sampler.remote_parent_not_sampled;
  if (name == "local_parent_sampled") return &sampler.local_parent_sampled;
  if (name == "local_parent_not_sampled") return &sampler.local_parent_not_sampled;
  return nullptr;
}

void resolve_parents(SettingReader& reader, SamplerSettings& sampler) {
  constexpr std::string_view kName = "WAYBILL_SAMPLER_PARENTS";
  const auto text = reader.text(kName);
  if (!text) return;
  for (const std::string_view member : parse_semicolon_list(*text)) {
    const std::size_t equals = std::min(member.find('='), member.size());
    SamplerChoice* one = branch(sampler, trim(member.substr(0, equals)));
    if (one == nullptr) {
      reader.complain(kName, quoted(member) +
                                 " does not begin with remote_parent_sampled=, remote_parent_not_sampled=, "
                                 "local_parent_sampled= or local_parent_not_sampled=; it is skipped");
      continue;
    }
    const Expected<SamplerChoice> choice = parse_sampler(member.substr(std::min(equals + 1, member.size())));
    if (choice)
      *one = *choice;
    else
      reader.complain(kName, quoted(member) + ": " + choice.error().message + "; it is skipped");
  }
}

void resolve_sampler(SettingReader& reader, SamplerSettings& sampler) {
  const NamedSampler named =
      reader.choice("OTEL_TRACES_SAMPLER", kSamplers, NamedSampler{SamplerKind::kAlwaysOn, true});
  const SamplerChoice choice = resolve_argument(reader, named.kind);
  sampler.root = choice;
  if (named.parent_based) return resolve_parents(reader, sampler);
  sampler = {choice, choice, choice, choice, choice};
}

void resolve_rules(SettingReader& reader, Settings& settings) {
  constexpr std::string_view kName = "WAYBILL_SAMPLER_RULES";
  const auto text = reader.text(kName);
  const bool are_asked = settings.sampler.uses(SamplerKind::kRules);
  if (!text) {
    if (are_asked)
      reader.complain(kName,
                      "it is not set, though OTEL_TRACES_SAMPLER asks for rules; everything is sampled");
    return;
  }
  if (!are_asked)
    reader.complain(kName,
                    "it does not count, because OTEL_TRACES_SAMPLER is neither rules nor parentbased_rules");
  for (const std::string_view member : parse_semicolon_list(*text)) {
    Expected<SamplerRule> rule = parse_sampler_rule(member);
    if (!rule) {
      reader.complain(kName, quoted(member) + ": " + rule.error().message + "; this rule is skipped");
    } else if (settings.sampler_rules.size() == segment::RuleTable::kMaxRules) {
      return reader.complain(kName, "it has more than " + std::to_string(segment::RuleTable::kMaxRules) +
                                        " rules; those from " + quoted(member) + " on are skipped");
    } else {
      settings.sampler_rules.push_back(*std::move(rule));
    }
  }
}

void resolve_keep(SettingReader& reader, KeepSettings& keep) {
  constexpr std::string_view kName = "WAYBILL_KEEP";
  constexpr std::string_view kSlow = "slow:";
  for (const std::string_view member : reader.list(kName).value_or(std::vector<std::string_view>{})) {
    if (same_word(member, "errors")) {
      keep.errors = true;
    } else if (member.starts_with(kSlow)) {
      keep.slower_than = parse_duration(member.substr(kSlow.size()));
      if (!keep.slower_than)
        reader.complain(kName, quoted(member) + " needs a time such as 500ms or 2s; it is skipped");
    } else if (!same_word(member, "none")) {
      reader.complain(kName, quoted(member) + " is not one of errors, slow:TIME, none; it is skipped");
    }
  }
}

}  // namespace

void resolve_sampling(SettingReader& reader, Settings& settings) {
  // Kafka's own topics take two places of the table.
  constexpr PatternBounds kBounds{segment::kMaxPattern, segment::RuleTable::kMaxFilters - 2};
  resolve_sampler(reader, settings.sampler);
  resolve_rules(reader, settings);
  resolve_keep(reader, settings.keep);
  settings.topics_exclude = reader.patterns("WAYBILL_TOPICS_EXCLUDE", kBounds, 0);
  settings.topics_include =
      reader.patterns("WAYBILL_TOPICS_INCLUDE", kBounds, settings.topics_exclude.size());
  if (settings.topics_include == std::vector<std::string>{"*"})
    settings.topics_include.clear();  // the default
}

}  // namespace waybill::configure::internal
