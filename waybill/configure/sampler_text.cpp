#include "waybill/configure/sampler_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "waybill/configure/environment.h"
#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/parse.h"

namespace waybill::configure {
namespace {

using internal::quoted;
using internal::same_word;

constexpr std::array<std::pair<std::string_view, SamplerKind>, 7> kSamplers{{
    {"always_on", SamplerKind::kAlwaysOn},
    {"always_off", SamplerKind::kAlwaysOff},
    {"traceidratio", SamplerKind::kTraceIdRatio},
    {"ratelimited", SamplerKind::kRateLimited},
    {"ratelimited_per_topic", SamplerKind::kRateLimitedPerTopic},
    {"rules", SamplerKind::kRules},
    {"application", SamplerKind::kApplication},
}};

constexpr std::array<std::pair<std::string_view, segment::Operation>, 5> kOperations{{
    {"send", segment::Operation::kSend},
    {"receive", segment::Operation::kReceive},
    {"process", segment::Operation::kProcess},
    {"settle", segment::Operation::kSettle},
    {"transaction", segment::Operation::kTransaction},
}};

Error wrong(std::string message) { return {Error::Code::kInvalidSetting, std::move(message)}; }

// "name=value" at the first equals sign; without one the value is none.
struct NamedValue {
  std::string_view name;
  std::optional<std::string_view> value;
};

NamedValue split(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {trim(text), std::nullopt};
  return {trim(text.substr(0, equals)), trim(text.substr(equals + 1))};
}

// Adds one condition; returns what is wrong with it, or nothing.
std::string add_condition(SamplerRule& rule, std::string_view text) {
  const auto [name, value] = split(text);
  if (!value || value->empty()) return quoted(text) + " is not topic=…, operation=… or group=…";
  if (name == "operation") {
    const auto known = std::find_if(kOperations.begin(), kOperations.end(),
                                    [&, wanted = *value](const auto& one) { return one.first == wanted; });
    if (known == kOperations.end())
      return quoted(*value) + " is not one of send, receive, process, settle, transaction";
    rule.operations = static_cast<std::uint8_t>(known->second);
    return {};
  }
  if (name != "topic" && name != "group") return quoted(name) + " is not one of topic, operation, group";
  if (value->size() > segment::kMaxPattern)
    return quoted(*value) + " is longer than " + std::to_string(segment::kMaxPattern) + " characters";
  (name == "topic" ? rule.topic : rule.group) = *value;
  return {};
}

}  // namespace

Expected<SamplerChoice> parse_sampler(std::string_view text) {
  const auto [name, value] = split(text);
  const auto known = std::find_if(kSamplers.begin(), kSamplers.end(), [&, wanted = name](const auto& one) {
    return same_word(one.first, wanted);
  });
  if (known == kSamplers.end())
    return wrong(quoted(name) +
                 " is not one of always_on, always_off, traceidratio=…, ratelimited=…, "
                 "ratelimited_per_topic=…");
  SamplerChoice choice{known->second};
  if (!choice.has_ratio() && !choice.has_rate()) {
    if (value) return wrong(quoted(name) + " has no number");
    return choice;
  }
  const std::optional<double> number =
      !value ? std::nullopt : (choice.has_rate() ? parse_rate(*value) : parse_ratio(*value));
  if (!number)
    return wrong(quoted(text) +
                 (choice.has_rate() ? " needs a number above 0" : " needs a number from 0 to 1"));
  choice.number = *number;
  return choice;
}

Expected<SamplerRule> parse_sampler_rule(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return wrong("a colon and a sampler are missing, as in topic=orders:always_on");
  SamplerRule rule;
  const std::string_view conditions = trim(text.substr(0, colon));
  if (conditions != "*") {
    const std::vector<std::string_view> members = parse_list(conditions);
    if (members.empty()) return wrong("it says nothing before the colon; * stands for everything");
    for (const std::string_view condition : members) {
      if (std::string problem = add_condition(rule, condition); !problem.empty())
        return wrong(std::move(problem));
    }
  }
  const Expected<SamplerChoice> sampler = parse_sampler(text.substr(colon + 1));
  if (!sampler) return sampler.error();
  if (sampler->kind == SamplerKind::kRules) return wrong("a rule cannot refer to the rules");
  rule.sampler = *sampler;
  return rule;
}

std::vector<std::string_view> parse_semicolon_list(std::string_view text) {
  std::vector<std::string_view> members;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    if (const std::string_view member = trim(text.substr(0, end)); !member.empty()) members.push_back(member);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return members;
}

}  // namespace waybill::configure
