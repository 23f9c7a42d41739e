#include <optional>
#include <string>
#include <vector>

#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/internal/translate_file.h"

namespace waybill::configure::internal {
namespace {

using Type = FileProperty::Type;

// The two that decide alike for every span.
bool is_constant(std::string_view key) { return key == "always_on" || key == "always_off"; }

// A sampler that has no others in it: its name as the variables have it, and its number, if it says one.
struct SimpleSampler {
  std::string name;  // empty, and told: another one
  std::string number;
};

std::string number_of(FileTranslation& translation, const FileValue& chosen, std::string_view property) {
  const FileProperty properties[] = {{.key = property, .read = read_elsewhere}};
  translation.read_properties(chosen, properties);
  if (chosen.node->kind != YamlNode::Kind::kMapping) return {};
  const std::optional<FileValue> number = find(translation.entries(chosen), property);
  return number ? translation.scalar(*number, Type::kNumber).value_or("") : std::string{};
}

SimpleSampler simple_sampler(FileTranslation& translation, const FileValue& chosen) {
  if (is_constant(chosen.key) || chosen.key == "rules") {
    expect_nothing(translation, chosen);
    return {std::string{chosen.key}, {}};
  }
  if (chosen.key == "trace_id_ratio_based") return {"traceidratio", number_of(translation, chosen, "ratio")};
  if (chosen.key == "ratelimited" || chosen.key == "ratelimited_per_topic")
    return {std::string{chosen.key}, number_of(translation, chosen, "per_second")};
  if (chosen.key == "adaptive")
    return {std::string{chosen.key}, number_of(translation, chosen, "overhead_budget")};
  translation.complain(
      chosen, "this sampler is not supported here; " + SettingReader::default_is_used("OTEL_TRACES_SAMPLER"));
  return {};
}

// The sampler that a property of `parent_based` names; none when it names none that is known.
std::optional<SimpleSampler> sampler_at(FileTranslation& translation, const std::vector<FileValue>& entries,
                                        std::string_view key) {
  const std::optional<FileValue> value = find(entries, key);
  if (!value || value->node->kind == YamlNode::Kind::kNull) return std::nullopt;
  const std::optional<FileValue> chosen = translation.only_entry(*value);
  SimpleSampler sampler = chosen ? simple_sampler(translation, *chosen) : SimpleSampler{};
  return sampler;
}

// One with a number that is left out has the number 1, as the specification's ratio has.
std::string text_of(const SimpleSampler& sampler) {
  if (is_constant(sampler.name) || sampler.name == "rules") return sampler.name;
  return sampler.name + "=" + (sampler.number.empty() ? "1" : sampler.number);
}

void translate_parents(FileTranslation& translation, const std::vector<FileValue>& entries,
                       const FileValue& parent_based) {
  std::string parents;
  for (const std::string_view key : {"remote_parent_sampled", "remote_parent_not_sampled",
                                     "local_parent_sampled", "local_parent_not_sampled"}) {
    const std::optional<SimpleSampler> sampler = sampler_at(translation, entries, key);
    if (sampler && !sampler->name.empty())
      parents += (parents.empty() ? "" : ";") + std::string{key} + "=" + text_of(*sampler);
  }
  if (!parents.empty()) translation.set("WAYBILL_SAMPLER_PARENTS", parents, parent_based);
}

SimpleSampler parent_based_sampler(FileTranslation& translation, const FileValue& chosen) {
  static constexpr FileProperty kProperties[] = {
      {.key = "root", .read = read_elsewhere},
      {.key = "remote_parent_sampled", .read = read_elsewhere},
      {.key = "remote_parent_not_sampled", .read = read_elsewhere},
      {.key = "local_parent_sampled", .read = read_elsewhere},
      {.key = "local_parent_not_sampled", .read = read_elsewhere},
  };
  translation.read_properties(chosen, kProperties);
  if (chosen.node->kind != YamlNode::Kind::kMapping) return {"parentbased_always_on", {}};
  const std::vector<FileValue> entries = translation.entries(chosen);
  translate_parents(translation, entries, chosen);
  std::optional<SimpleSampler> root = sampler_at(translation, entries, "root");
  if (!root) return {"parentbased_always_on", {}};
  if (!root->name.empty()) root->name = "parentbased_" + root->name;
  return *root;
}

}  // namespace

void translate_sampler(FileTranslation& translation, const FileValue& sampler) {
  if (sampler.node->kind == YamlNode::Kind::kNull) return;
  const std::optional<FileValue> chosen = translation.only_entry(sampler);
  if (!chosen) return;
  const SimpleSampler named = chosen->key == "parent_based" ? parent_based_sampler(translation, *chosen)
                                                            : simple_sampler(translation, *chosen);
  if (named.name.empty()) return;
  translation.set("OTEL_TRACES_SAMPLER", named.name, *chosen);
  if (!named.number.empty()) translation.set("OTEL_TRACES_SAMPLER_ARG", named.number, *chosen);
}

}  // namespace waybill::configure::internal
