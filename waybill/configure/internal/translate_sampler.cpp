
#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/internal/translate_file.h"

namespace waybill::configure::internal {
namespace {

using Type = FileProperty::Type;

// The two that decide alike for every span.
bool is_constant(std::string_view key) { return key == "always_on" || key == "always_off"; }

// The name of a sampler that has no others in it, as OTEL_TRACES_SAMPLER has it. Empty, and told: another
// one.
std::string simple_sampler(FileTranslation& translation, const FileValue& chosen) {
  static constexpr FileProperty kRatio[] = {{"ratio", "OTEL_TRACES_SAMPLER_ARG", Type::kNumber}};
  if (is_constant(chosen.key)) {
    expect_nothing(translation, chosen);
    return std::string{chosen.key};
  }
  if (chosen.key == "trace_id_ratio_based") {
    translation.read_properties(chosen, kRatio);
    return "traceidratio";
  }
  translation.complain(
      chosen, "this sampler is not supported here; " + SettingReader::default_is_used("OTEL_TRACES_SAMPLER"));
  return {};
}

// A parent's decision is followed, whatever the file says.
void expect_sampler(FileTranslation& translation, const FileValue& value, std::string_view expected) {
  if (value.node->kind == YamlNode::Kind::kNull) return;
  const std::optional<FileValue> chosen = translation.only_entry(value);
  if (chosen && chosen->key == expected) return expect_nothing(translation, *chosen);
  if (chosen)
    translation.complain(*chosen, "only " + std::string{expected} + " is supported here; it is used");
}

void expect_always_on(FileTranslation& translation, const FileValue& value) {
  expect_sampler(translation, value, "always_on");
}

void expect_always_off(FileTranslation& translation, const FileValue& value) {
  expect_sampler(translation, value, "always_off");
}

std::string parent_based_sampler(FileTranslation& translation, const FileValue& chosen) {
  static constexpr FileProperty kProperties[] = {
      {.key = "root", .read = read_elsewhere},
      {.key = "remote_parent_sampled", .read = expect_always_on},
      {.key = "remote_parent_not_sampled", .read = expect_always_off},
      {.key = "local_parent_sampled", .read = expect_always_on},
      {.key = "local_parent_not_sampled", .read = expect_always_off},
  };
  translation.read_properties(chosen, kProperties);
  const std::optional<FileValue> root = chosen.node->kind == YamlNode::Kind::kMapping
                                            ? find(translation.entries(chosen), "root")
                                            : std::nullopt;
  if (!root || root->node->kind == YamlNode::Kind::kNull) return "parentbased_always_on";
  const std::optional<FileValue> of_root = translation.only_entry(*root);
  const std::string name = of_root ? simple_sampler(translation, *of_root) : std::string{};
  return name.empty() ? name : "parentbased_" + name;
}

}  // namespace

void translate_sampler(FileTranslation& translation, const FileValue& sampler) {
  if (sampler.node->kind == YamlNode::Kind::kNull) return;
  const std::optional<FileValue> chosen = translation.only_entry(sampler);
  if (!chosen) return;
  std::string name = chosen->key == "parent_based" ? parent_based_sampler(translation, *chosen)
                                                   : simple_sampler(translation, *chosen);
  if (!name.empty()) translation.set("OTEL_TRACES_SAMPLER", name, *chosen);
}

}  // namespace waybill::configure::internal
