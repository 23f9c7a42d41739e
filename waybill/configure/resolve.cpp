#include "waybill/configure/resolve.h"

#include <algorithm>
#include <array>
#include <utility>

#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/parse.h"
#include "waybill/context/sampler.h"

namespace waybill::configure {
namespace {

using internal::Choice;
using internal::quoted;
using internal::same_word;
using internal::SettingReader;

void resolve_resource(SettingReader& reader, Settings& settings) {
  constexpr std::string_view kAttributes = "OTEL_RESOURCE_ATTRIBUTES";
  if (const auto text = reader.text(kAttributes)) {
    if (std::optional<Pairs> pairs = parse_pairs(*text)) {
      settings.resource_attributes = *std::move(pairs);
    } else {
      // All of it: so the specification of the resource SDK wants it.
      reader.complain(
          kAttributes,
          quoted(*text) + " is not a list key=value,key2=value2 with percent-encoded values; it is ignored");
    }
  }
  // The name stands in one place only, so that an empty one cannot hide the program's name.
  for (const auto& [key, value] : settings.resource_attributes) {
    if (key == "service.name") settings.service_name = value;
  }
  std::erase_if(settings.resource_attributes, [](const auto& pair) { return pair.first == "service.name"; });
  if (const auto name = reader.text("OTEL_SERVICE_NAME")) settings.service_name = *name;
}

// "none" says nothing when another name stands beside it.
void complain_about_none(SettingReader& reader, std::string_view name,
                         const std::vector<std::string_view>& members) {
  const auto is_none = [](std::string_view member) { return same_word(member, "none"); };
  if (std::any_of(members.begin(), members.end(), is_none) &&
      !std::all_of(members.begin(), members.end(), is_none)) {
    reader.complain(name, "\"none\" stands beside other names; it is skipped");
  }
}

void resolve_propagators(SettingReader& reader, Settings& settings) {
  constexpr std::string_view kName = "OTEL_PROPAGATORS";
  static constexpr std::array<Choice<context::Propagator>, 4> kPropagators{{
      {"tracecontext", context::Propagator::kTraceContext},
      {"baggage", context::Propagator::kBaggage},
      {"b3", context::Propagator::kB3},
      {"b3multi", context::Propagator::kB3Multi},
  }};
  const auto members = reader.list(kName);
  if (!members) return;
  settings.propagators = {};
  for (const std::string_view member : *members) {
    const auto known = std::find_if(kPropagators.begin(), kPropagators.end(),
                                    [&](const auto& one) { return same_word(member, one.text); });
    if (known != kPropagators.end()) {
      settings.propagators.add(known->value);
    } else if (!same_word(member, "none")) {
      reader.complain(kName, quoted(member) +
                                 " is not supported; known are tracecontext, baggage, b3, b3multi "
                                 "and none; it is skipped");
    }
  }
  complain_about_none(reader, kName, *members);
}

void resolve_sampler(SettingReader& reader, SamplerSettings& sampler) {
  static constexpr std::array<Choice<SamplerKind>, 8> kSamplers{{
      {"always_on", SamplerKind::kAlwaysOn},
      {"always_off", SamplerKind::kAlwaysOff},
      {"traceidratio", SamplerKind::kTraceIdRatio},
      {"ratelimited", SamplerKind::kRateLimited},
      {"parentbased_always_on", SamplerKind::kParentBasedAlwaysOn},
      {"parentbased_always_off", SamplerKind::kParentBasedAlwaysOff},
      {"parentbased_traceidratio", SamplerKind::kParentBasedTraceIdRatio},
      {"parentbased_ratelimited", SamplerKind::kParentBasedRateLimited},
  }};
  constexpr std::string_view kArgument = "OTEL_TRACES_SAMPLER_ARG";
  sampler.kind = reader.choice("OTEL_TRACES_SAMPLER", kSamplers, sampler.kind);
  const auto text = reader.text(kArgument);
  if (!text) return;
  const std::optional<double> number = sampler.has_rate() ? parse_rate(*text) : parse_ratio(*text);
  if (!number) {
    reader.complain(kArgument,
                    quoted(*text) + (sampler.has_rate() ? " is not a number above 0; 100 is used"
                                                        : " is not a number from 0 to 1; " +
                                                              SettingReader::default_is_used(kArgument)));
    return;
  }
  (sampler.has_rate() ? sampler.per_second : sampler.ratio) = *number;
}

void resolve_exporters(SettingReader& reader, Settings& settings) {
  constexpr std::string_view kName = "OTEL_TRACES_EXPORTER";
  const auto members = reader.list(kName);
  if (!members) return;
  auto& kinds = settings.traces_exporters;
  kinds.clear();
  for (const std::string_view member : *members) {
    if (same_word(member, "otlp")) {
      kinds.push_back(ExporterKind::kOtlp);
    } else if (same_word(member, "console") || same_word(member, "logging")) {
      kinds.push_back(ExporterKind::kConsole);
    } else if (!same_word(member, "none")) {
      reader.complain(kName, quoted(member) +
                                 " is not supported; known are otlp, console and none; it is skipped" +
                                 (members->size() == 1 ? ", so no span is exported" : ""));
    }
  }
  complain_about_none(reader, kName, *members);
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
}

// True if a host stands in the URL, and digits only in place of a port.
bool has_host(std::string_view url) {
  std::string_view authority = url.substr(url.find("//") + 2);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos)
    authority.remove_prefix(at + 1);
  if (authority.starts_with('[')) {  // an IPv6 address has colons of its own
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos || end == 1) return false;
    authority.remove_prefix(end);
  }
  const std::size_t colon = authority.find(':');
  if (authority.empty() || colon == 0) return false;
  if (colon == std::string_view::npos) return true;
  const std::optional<std::uint64_t> port = parse_integer(authority.substr(colon + 1));
  return port && *port >= 1 && *port <= 65535;
}

void resolve_endpoint(SettingReader& reader, HttpSettings& otlp) {
  constexpr std::string_view kGeneral = "OTEL_EXPORTER_OTLP_ENDPOINT";
  const std::string_view name = reader.set_one("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", kGeneral);
  const auto url = reader.text(name);
  if (!url) return;
  if (!is_http_url(*url) || !has_host(*url)) {
    // What stands before an "@" may be a password.
    const bool may_be_secret = url->find('@') != std::string_view::npos;
    reader.complain(name, (may_be_secret ? std::string{"the value"} : quoted(*url)) +
                              " is not a URL http://host:port or https://host:port; " +
                              SettingReader::default_is_used(name));
    return;
  }
  otlp.endpoint = *url;
  if (name == kGeneral) {
    otlp.endpoint += otlp.endpoint.ends_with('/') ? "v1/traces" : "/v1/traces";
  } else if (has_no_path(*url)) {
    otlp.endpoint += '/';
  }
}

// True if the pair can stand in an HTTP request: a decoded line break would begin another header.
bool is_http_header(const Pairs::value_type& header) {
  constexpr std::string_view kNameCharacters =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~";
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  };
  return header.first.find_first_not_of(kNameCharacters) == std::string::npos &&
         std::none_of(header.second.begin(), header.second.end(), is_control);
}

// The value is never shown: it may be a secret.
void resolve_headers(SettingReader& reader, HttpSettings& otlp) {
  const std::string_view name =
      reader.set_one("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS");
  const auto text = reader.text(name);
  if (!text) return;
  std::optional<Pairs> pairs = parse_pairs(*text);
  if (pairs && std::all_of(pairs->begin(), pairs->end(), is_http_header)) {
    otlp.headers = *std::move(pairs);
  } else {
    reader.complain(
        name,
        "the value is not a list key=value,key2=value2 of HTTP headers with percent-encoded values; "
        "it is ignored");
  }
}

void resolve_otlp(SettingReader& reader, HttpSettings& otlp) {
  static constexpr std::array<Choice<Compression>, 2> kCompressions{
      {{"none", Compression::kNone}, {"gzip", Compression::kGzip}}};
  static constexpr std::array<Choice<int>, 1> kProtocols{{{"http/protobuf", 0}}};
  resolve_endpoint(reader, otlp);
  resolve_headers(reader, otlp);
  otlp.timeout = std::chrono::milliseconds{
      reader.integer(reader.set_one("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"),
                     static_cast<std::uint64_t>(otlp.timeout.count()), 1, 3'600'000)};
  otlp.compression =
      reader.choice(reader.set_one("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"),
                    kCompressions, otlp.compression);
  reader.choice(reader.set_one("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"),
                kProtocols, 0, " (others are not supported yet)");
}

void resolve_batch(SettingReader& reader, BatchSettings& batch) {
  constexpr std::string_view kBatch = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE";
  batch.schedule_delay = std::chrono::milliseconds{reader.integer(
      "OTEL_BSP_SCHEDULE_DELAY", static_cast<std::uint64_t>(batch.schedule_delay.count()), 0, 3'600'000)};
  batch.max_queue_size = reader.integer("OTEL_BSP_MAX_QUEUE_SIZE", batch.max_queue_size, 1, 100'000'000);
  const std::uint64_t size =
      reader.integer(kBatch, std::min(batch.max_export_batch_size, batch.max_queue_size), 1, 1'000'000);
  batch.max_export_batch_size = std::min<std::size_t>(size, batch.max_queue_size);
  if (size > batch.max_queue_size) {
    reader.complain(kBatch, std::to_string(size) + " is more than OTEL_BSP_MAX_QUEUE_SIZE; " +
                                std::to_string(batch.max_queue_size) + " is used");
  }
}

void resolve_limits(SettingReader& reader, Settings& settings) {
  constexpr std::uint64_t kMost = 1'000'000'000;
  settings.attribute_count_limit =
      reader.integer(reader.set_one("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"),
                     settings.attribute_count_limit, 0, kMost);
  settings.attribute_value_length_limit = reader.integer(
      reader.set_one("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"),
      settings.attribute_value_length_limit, 0, kMost);
  settings.link_count_limit =
      reader.integer("OTEL_SPAN_LINK_COUNT_LIMIT", settings.link_count_limit, 0, kMost);
}

// A key that the user wanted hashed is personal data: while that is not possible, none is recorded.
bool resolve_capture_key(SettingReader& reader) {
  constexpr std::string_view kName = "WAYBILL_CAPTURE_KEY";
  if (!same_word(reader.text(kName).value_or(""), "hash")) return reader.boolean(kName, true);
  reader.complain(kName, "\"hash\" is not supported yet; false is used, so no key is recorded");
  return false;
}

void resolve_waybill(SettingReader& reader, Settings& settings) {
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
  settings.enabled = reader.boolean("WAYBILL_ENABLED", settings.enabled);
  settings.sdk_disabled = reader.boolean("OTEL_SDK_DISABLED", settings.sdk_disabled);
  settings.inject = reader.choice("WAYBILL_INJECT", kInject, settings.inject);
  settings.existing_context = reader.choice("WAYBILL_EXISTING_CONTEXT", kExisting, settings.existing_context);
  settings.process = reader.choice("WAYBILL_PROCESS", kProcess, settings.process);
  settings.consumer_relation =
      reader.choice("WAYBILL_CONSUMER_RELATION", kRelation, settings.consumer_relation);
  settings.console =
      reader.choice("WAYBILL_CONSOLE", kConsole, settings.console, " (files are not supported yet)");
  settings.capture_key = resolve_capture_key(reader);
}

}  // namespace

std::string describe(const Problem& problem) {
  std::string text = problem.file.empty() ? "" : place_in(problem.file, problem.position) + ": ";
  if (!problem.setting.empty()) text += problem.setting + ": ";
  return text + problem.message;
}

Resolved resolve(const Environment& environment) {
  SettingReader reader{environment};
  Settings settings;
  resolve_waybill(reader, settings);
  resolve_resource(reader, settings);
  resolve_propagators(reader, settings);
  resolve_sampler(reader, settings.sampler);
  resolve_exporters(reader, settings);
  resolve_otlp(reader, settings.otlp_traces);
  resolve_batch(reader, settings.batch);
  resolve_limits(reader, settings);
  return {std::move(settings), reader.take_problems()};
}

segment::HostSettings host_settings(const Settings& settings) {
  segment::HostSettings host;
  host.enabled = settings.enabled;
  host.record = !settings.sdk_disabled;
  host.propagators = settings.propagators.packed();
  host.replace_existing = settings.existing_context == ExistingContext::kReplace;
  host.relation_link = settings.consumer_relation == ConsumerRelation::kLink;
  host.capture_key = settings.capture_key;
  host.sampler = static_cast<std::uint8_t>(settings.sampler.kind);
  host.inject = static_cast<std::uint8_t>(settings.inject);
  host.process = static_cast<std::uint8_t>(settings.process);
  host.sampler_argument = settings.sampler.has_rate() ? context::interval_of(settings.sampler.per_second)
                                                      : context::ratio_threshold(settings.sampler.ratio);
  return host;
}

}  // namespace waybill::configure
