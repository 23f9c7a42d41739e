#include "waybill/configure/resolve.h"

#include <algorithm>
#include <array>
#include <utility>

#include "waybill/configure/parse.h"
#include "waybill/context/sampler.h"

namespace waybill::configure {
namespace {

template <typename Value>
struct Choice {
  std::string_view text;
  Value value;
};

// Reads settings one after the other and collects what is wrong.
class Resolver {
 public:
  explicit Resolver(const Environment& environment) : environment_{environment} {}

  std::vector<Problem> take_problems() { return std::move(problems_); }

  std::optional<std::string_view> text(std::string_view name) const { return environment_.get(name); }

  // The first of two names that is set: a signal's own setting wins over the general one.
  std::string_view set_one(std::string_view own, std::string_view general) const {
    return text(own) ? own : general;
  }

  void complain(std::string_view name, std::string message) {
    problems_.push_back({std::string{name}, std::move(message)});
  }

  // Only "true", in any case, is true; anything but true and false is told.
  bool boolean(std::string_view name, bool fallback) {
    const std::optional<std::string_view> value = text(name);
    if (!value) return fallback;
    std::string lower{*value};
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (lower != "true" && lower != "false")
      complain(name, quoted(*value) + " is neither true nor false; false is used");
    return lower == "true";
  }

  template <typename Value, std::size_t Size>
  Value choice(std::string_view name, const std::array<Choice<Value>, Size>& choices, Value fallback) {
    const std::optional<std::string_view> value = text(name);
    if (!value) return fallback;
    std::string known;
    for (const auto& [choice_text, choice_value] : choices) {
      if (choice_text == *value) return choice_value;
      known += (known.empty() ? "" : ", ") + std::string{choice_text};
    }
    complain(name, quoted(*value) + " is not one of " + known + "; the default is used");
    return fallback;
  }

  std::uint64_t integer(std::string_view name, std::uint64_t fallback, std::uint64_t least,
                        std::uint64_t most) {
    const std::optional<std::string_view> value = text(name);
    if (!value) return fallback;
    const std::optional<std::uint64_t> number = parse_integer(*value);
    if (number && *number >= least && *number <= most) return *number;
    complain(name, quoted(*value) + " is not a whole number from " + std::to_string(least) + " to " +
                       std::to_string(most) + "; " +
                       (fallback == SIZE_MAX ? std::string{"no limit"} : std::to_string(fallback)) +
                       " is used");
    return fallback;
  }

  static std::string quoted(std::string_view value) { return "\"" + std::string{value} + "\""; }

 private:
  const Environment& environment_;
  std::vector<Problem> problems_;
};

void resolve_resource(Resolver& resolver, Settings& settings) {
  if (const auto attributes = resolver.text("OTEL_RESOURCE_ATTRIBUTES")) {
    if (std::optional<Pairs> pairs = parse_pairs(*attributes)) {
      settings.resource_attributes = *std::move(pairs);
    } else {
      resolver.complain(
          "OTEL_RESOURCE_ATTRIBUTES",
          Resolver::quoted(*attributes) +
              " is not a list key=value,key2=value2 with percent-encoded values; it is ignored");
    }
  }
  for (const auto& [key, value] : settings.resource_attributes) {
    if (key == "service.name") settings.service_name = value;
  }
  if (const auto name = resolver.text("OTEL_SERVICE_NAME")) settings.service_name = *name;
}

void resolve_propagators(Resolver& resolver, Settings& settings) {
  const auto text = resolver.text("OTEL_PROPAGATORS");
  if (!text) return;
  settings.propagate_trace_context = false;
  for (const std::string_view name : parse_list(*text)) {
    if (name == "tracecontext") {
      settings.propagate_trace_context = true;
    } else if (name != "baggage" && name != "none") {  // baggage stays on a message as the application put it
      resolver.complain(
          "OTEL_PROPAGATORS",
          Resolver::quoted(name) + " is not supported; known are tracecontext, baggage and none");
    }
  }
}

void resolve_sampler(Resolver& resolver, Settings& settings) {
  static constexpr std::array<Choice<SamplerKind>, 6> kSamplers{{
      {"always_on", SamplerKind::kAlwaysOn},
      {"always_off", SamplerKind::kAlwaysOff},
      {"traceidratio", SamplerKind::kTraceIdRatio},
      {"parentbased_always_on", SamplerKind::kParentBasedAlwaysOn},
      {"parentbased_always_off", SamplerKind::kParentBasedAlwaysOff},
      {"parentbased_traceidratio", SamplerKind::kParentBasedTraceIdRatio},
  }};
  settings.sampler.kind = resolver.choice("OTEL_TRACES_SAMPLER", kSamplers, settings.sampler.kind);
  const auto argument = resolver.text("OTEL_TRACES_SAMPLER_ARG");
  if (!argument) return;
  if (const std::optional<double> ratio = parse_ratio(*argument)) {
    settings.sampler.ratio = *ratio;
  } else {
    resolver.complain("OTEL_TRACES_SAMPLER_ARG",
                      Resolver::quoted(*argument) + " is not a number from 0 to 1; 1.0 is used");
  }
}

void resolve_exporters(Resolver& resolver, Settings& settings) {
  const auto text = resolver.text("OTEL_TRACES_EXPORTER");
  if (!text) return;
  settings.traces_exporters.clear();
  const std::vector<std::string_view> names = parse_list(*text);
  for (const std::string_view name : names) {
    if (name == "otlp") {
      settings.traces_exporters.push_back(ExporterKind::kOtlp);
    } else if (name == "console" || name == "logging") {
      settings.traces_exporters.push_back(ExporterKind::kConsole);
    } else if (name != "none") {
      resolver.complain("OTEL_TRACES_EXPORTER",
                        Resolver::quoted(name) + " is not supported; known are otlp, console and none");
    } else if (names.size() > 1) {
      resolver.complain("OTEL_TRACES_EXPORTER", "\"none\" stands beside other exporters; those are used");
    }
  }
  auto& kinds = settings.traces_exporters;
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
}

void resolve_endpoint(Resolver& resolver, OtlpHttpSettings& otlp) {
  const std::string_view name =
      resolver.set_one("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT");
  const auto url = resolver.text(name);
  if (!url) return;
  if (!is_http_url(*url)) {
    resolver.complain(name, Resolver::quoted(without_password(*url)) +
                                " is not a URL that starts with http:// or https://; " + otlp.endpoint +
                                " is used");
    return;
  }
  otlp.endpoint = *url;
  if (name == "OTEL_EXPORTER_OTLP_ENDPOINT") {
    otlp.endpoint += otlp.endpoint.ends_with('/') ? "v1/traces" : "/v1/traces";
  } else if (has_no_path(*url)) {
    otlp.endpoint += '/';
  }
}

void resolve_otlp(Resolver& resolver, OtlpHttpSettings& otlp) {
  resolve_endpoint(resolver, otlp);
  const std::string_view headers =
      resolver.set_one("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS");
  if (const auto text = resolver.text(headers)) {
    std::optional<Pairs> pairs = parse_pairs(*text);
    if (pairs)
      otlp.headers = *std::move(pairs);
    else
      resolver.complain(
          headers,
          "the value is not a list key=value,key2=value2 with percent-encoded values; it is ignored");
  }
  const std::string_view timeout =
      resolver.set_one("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT");
  otlp.timeout = std::chrono::milliseconds{resolver.integer(timeout, 10'000, 1, 3'600'000)};
  static constexpr std::array<Choice<Compression>, 2> kCompressions{
      {{"none", Compression::kNone}, {"gzip", Compression::kGzip}}};
  const std::string_view compression =
      resolver.set_one("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION");
  otlp.compression = resolver.choice(compression, kCompressions, Compression::kNone);
  static constexpr std::array<Choice<int>, 1> kProtocols{{{"http/protobuf", 0}}};
  resolver.choice(resolver.set_one("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"),
                  kProtocols, 0);
}

void resolve_batch(Resolver& resolver, BatchSettings& batch) {
  batch.schedule_delay = std::chrono::milliseconds{resolver.integer(
      "OTEL_BSP_SCHEDULE_DELAY", static_cast<std::uint64_t>(batch.schedule_delay.count()), 0, 3'600'000)};
  batch.max_queue_size = resolver.integer("OTEL_BSP_MAX_QUEUE_SIZE", batch.max_queue_size, 1, 100'000'000);
  batch.max_export_batch_size = std::min<std::size_t>(
      batch.max_queue_size,
      resolver.integer("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", batch.max_export_batch_size, 1, 1'000'000));
}

void resolve_limits(Resolver& resolver, Settings& settings) {
  constexpr std::uint64_t kMost = 1'000'000'000;
  settings.attribute_count_limit = resolver.integer(
      resolver.set_one("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"), 128, 0, kMost);
  settings.attribute_value_length_limit = resolver.integer(
      resolver.set_one("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"),
      SIZE_MAX, 0, kMost);
  settings.link_count_limit = resolver.integer("OTEL_SPAN_LINK_COUNT_LIMIT", 128, 0, kMost);
}

void resolve_waybill(Resolver& resolver, Settings& settings) {
  static constexpr std::array<Choice<InjectMode>, 3> kInject{
      {{"always", InjectMode::kAlways}, {"sampled", InjectMode::kSampled}, {"never", InjectMode::kNever}}};
  static constexpr std::array<Choice<ExistingContext>, 2> kExisting{
      {{"keep", ExistingContext::kKeep}, {"replace", ExistingContext::kReplace}}};
  static constexpr std::array<Choice<ProcessModel>, 3> kProcess{
      {{"auto", ProcessModel::kAuto}, {"thread", ProcessModel::kThread}, {"none", ProcessModel::kNone}}};
  static constexpr std::array<Choice<ConsumerRelation>, 2> kRelation{
      {{"parent", ConsumerRelation::kParent}, {"link", ConsumerRelation::kLink}}};
  static constexpr std::array<Choice<ConsoleTarget>, 2> kConsole{
      {{"stderr", ConsoleTarget::kStderr}, {"stdout", ConsoleTarget::kStdout}}};
  settings.enabled = resolver.boolean("WAYBILL_ENABLED", true);
  settings.sdk_disabled = resolver.boolean("OTEL_SDK_DISABLED", false);
  settings.inject = resolver.choice("WAYBILL_INJECT", kInject, settings.inject);
  settings.existing_context =
      resolver.choice("WAYBILL_EXISTING_CONTEXT", kExisting, settings.existing_context);
  settings.process = resolver.choice("WAYBILL_PROCESS", kProcess, settings.process);
  settings.consumer_relation =
      resolver.choice("WAYBILL_CONSUMER_RELATION", kRelation, settings.consumer_relation);
  settings.console = resolver.choice("WAYBILL_CONSOLE", kConsole, settings.console);
  settings.capture_key = resolver.boolean("WAYBILL_CAPTURE_KEY", true);
}

}  // namespace

Resolved resolve(const Environment& environment) {
  Resolver resolver{environment};
  Settings settings;
  resolve_waybill(resolver, settings);
  resolve_resource(resolver, settings);
  resolve_propagators(resolver, settings);
  resolve_sampler(resolver, settings);
  resolve_exporters(resolver, settings);
  resolve_otlp(resolver, settings.otlp_traces);
  resolve_batch(resolver, settings.batch);
  resolve_limits(resolver, settings);
  return {std::move(settings), resolver.take_problems()};
}

segment::HostSettings host_settings(const Settings& settings) {
  segment::HostSettings host;
  host.enabled = settings.enabled;
  host.record = !settings.sdk_disabled;
  host.propagate = settings.propagate_trace_context;
  host.replace_existing = settings.existing_context == ExistingContext::kReplace;
  host.relation_link = settings.consumer_relation == ConsumerRelation::kLink;
  host.capture_key = settings.capture_key;
  host.sampler = static_cast<std::uint8_t>(settings.sampler.kind);
  host.inject = static_cast<std::uint8_t>(settings.inject);
  host.process = static_cast<std::uint8_t>(settings.process);
  host.ratio_threshold = context::ratio_threshold(settings.sampler.ratio);
  return host;
}

}  // namespace waybill::configure
