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

constexpr std::string_view kAboutTheFile =
    R"(
The file is what OpenTelemetry calls its declarative configuration, `file_format: "1.0"`. The same file may serve the
SDK of an application:

```yaml
file_format: "1.0"
resource:
  attributes:
    - name: service.name
      value: payments
propagator:
  composite:
    - tracecontext:
tracer_provider:
  processors:
    - batch:
        exporter:
          otlp_http:
            endpoint: ${COLLECTOR:-http://localhost:4318}/v1/traces
            headers:
              - name: api-key
                value: ${API_KEY}
  sampler:
    parent_based:
      root:
        trace_id_ratio_based:
          ratio: 0.1
distribution:
  waybill:
    inject: sampled
```

* What it says is what the variables say: each value becomes the variable's, with the same checks. `waybill config`
  shows both, and the line; `waybill config check FILE` prints `FILE:LINE:COLUMN: message` for everything that is
  wrong or cannot be expressed here, and then fails.
* Read are `disabled`, `log_level`, `attribute_limits`, `resource` (`attributes` as texts, `attributes_list`), `propagator`, of
  `tracer_provider` the `processors`, `limits` and `sampler`, and of `meter_provider` the `readers` (`periodic` with
  `otlp_http` or `console`, `pull` with `prometheus/development`) and the `exemplar_filter`, and of `logger_provider` the
  `processors`, one exporter of a kind. `distribution.waybill` holds the `WAYBILL_*` variables in
  lower case and without that prefix. Other parts are named, and ignored; other distributions' are for others.
* A problem never stops a program. What is wrong is reported with its place, and the rest counts. A file that is no
  YAML, that has an invalid reference, or that cannot be read is not used at all: the variables count then.
* As the specification has it, no span is exported without a `tracer_provider`, no metric without a `meter_provider`,
  no log record without a `logger_provider`, and no context travels without a `propagator`. What `batch` leaves out has Waybill's defaults, not the specification's. `simple` is a
  delay of 0.
* Any number of processors may stand there, also with exporters of one kind: two receivers of OTLP, say. Each has a
  queue and a connection of its own, and none waits for another. What variables cannot say of them, because they hold
  one exporter of a kind, `waybill config` shows as `One more exporter`.
* `${NAME}`, `${env:NAME}` and `${NAME:-default}` are variables; `$$` is a dollar sign. Of the traced program only
  `OTEL_*` and `WAYBILL_*` variables are seen; others are the collecting process's, which with `waybill run` has the same.
* The collecting process reads the file, when it first sees the program; a relative name is relative to where that
  process runs. It reads no file that another user's program names, and says so: root could read what the program
  cannot. It does read the one that its own OTEL_CONFIG_FILE names, for all programs: that takes the place of its own
  `OTEL_*` variables, and a program's variables win over it.
* It has at most 256 KiB, 10000 values with aliases followed, and 32 levels.
)";

struct GroupTitle {
  SettingGroup group;
  std::string_view title;
};

constexpr auto kTitles = std::to_array<GroupTitle>({
    {SettingGroup::kGeneral, "What is traced"},
    {SettingGroup::kFile, "A file in place of variables"},
    {SettingGroup::kResource, "Who is traced"},
    {SettingGroup::kPropagation, "Context on messages"},
    {SettingGroup::kSampling, "Sampling"},
    {SettingGroup::kExport, "Where spans go"},
    {SettingGroup::kBatches, "How spans wait"},
    {SettingGroup::kMetrics, "Where metrics go"},
    {SettingGroup::kLogs, "Where log records go"},
    {SettingGroup::kLag, "How far consumer groups are behind"},
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
    if (group == SettingGroup::kFile) page += kAboutTheFile;
  }
  return page;
}

}  // namespace waybill::configure
