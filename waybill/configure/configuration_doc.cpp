#include "waybill/configure/configuration_doc.h"

#include <array>
#include <string_view>

#include "waybill/configure/setting_table.h"

namespace waybill::configure {
namespace {

constexpr std::string_view kIntroduction =
    R"(# Configuration

<!-- Made from waybill/configure/setting_table.cpp. Change that, then run configure_test with WAYBILL_APPROVE=1. -->

Waybill is set up with environment variables of the program that it watches: the `OTEL_*` ones that every
OpenTelemetry SDK knows, and a few `WAYBILL_*` ones. A program's own variables win over those of the collecting
process, and these over the defaults. Where the plugin is used, the `WAYBILL_*` variables but those of the last
table are also librdkafka properties, in lower case and with dots: `waybill.inject` is `WAYBILL_INJECT`, and
`waybill.existing.context` is `WAYBILL_EXISTING_CONTEXT`.

* Empty is the same as not set; blanks around a value do not count.
* A switch is on only with `true`, in upper or lower case. Anything else is off.
* A value that cannot be understood is reported once, and the default is used; in a list, the name is skipped. It
  never stops the program.
)";

struct GroupTitle {
  SettingGroup group;
  std::string_view title;
};

constexpr auto kTitles = std::to_array<GroupTitle>({
    {SettingGroup::kGeneral, "What is traced"},
    {SettingGroup::kResource, "Who is traced"},
    {SettingGroup::kPropagation, "Context on messages"},
    {SettingGroup::kSampling, "Sampling"},
    {SettingGroup::kExport, "Where spans go"},
    {SettingGroup::kBatches, "How spans wait"},
    {SettingGroup::kLimits, "Limits of a span"},
    {SettingGroup::kHost, "Memory between the program and the collecting process"},
});

std::string in_code(std::string_view text) {
  return text.empty() ? std::string{"–"} : "`" + std::string{text} + "`";
}

}  // namespace

std::string_view title_of(SettingGroup group) {
  for (const auto& [known, title] : kTitles) {
    if (known == group) return title;
  }
  return {};
}

std::string configuration_markdown() {
  std::string page{kIntroduction};
  for (const auto& [group, title] : kTitles) {
    page += "\n## " + std::string{title} + "\n\n| variable | default | meaning |\n|---|---|---|\n";
    for (const Setting& setting : known_settings()) {
      if (setting.group != group) continue;
      page += "| " + in_code(setting.name) + " | " + in_code(setting.default_text) + " | " +
              std::string{setting.meaning} + " |\n";
    }
  }
  return page;
}

}  // namespace waybill::configure
