#include "waybill/configure/resolve.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "waybill/configure/internal/resolve_export.h"
#include "waybill/configure/internal/resolve_sampling.h"
#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/parse.h"

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

void resolve_propagators(SettingReader& reader, Settings& settings) {
  constexpr std::string_view kName = "OTEL_PROPAGATORS";
  static constexpr std::array<Choice<context::Propagator>, 5> kPropagators{{
      {"tracecontext", context::Propagator::kTraceContext},
      {"baggage", context::Propagator::kBaggage},
      {"b3", context::Propagator::kB3},
      {"b3multi", context::Propagator::kB3Multi},
      {"jaeger", context::Propagator::kJaeger},
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
                                 " is not supported; known are tracecontext, baggage, b3, b3multi, "
                                 "jaeger and none; it is skipped");
    }
  }
  reader.complain_about_none(kName, *members);
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
  settings.link_attribute_count_limit =
      reader.integer("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", settings.link_attribute_count_limit, 0, kMost);
  for (const std::string_view of_events : {"OTEL_SPAN_EVENT_COUNT_LIMIT", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT"})
    reader.integer(of_events, 128, 0, kMost);
}

// What is no word of ours may be meant to protect personal data: then no key is recorded.
CaptureKey resolve_capture_key(SettingReader& reader) {
  constexpr std::string_view kName = "WAYBILL_CAPTURE_KEY";
  const std::string_view word = reader.text(kName).value_or("true");
  if (same_word(word, "true")) return CaptureKey::kText;
  if (same_word(word, "hash")) return CaptureKey::kHash;
  if (!same_word(word, "false"))
    reader.complain(kName, quoted(word) + " is not one of true, false, hash; false is used");
  return CaptureKey::kNothing;
}

// Exclude patterns come first to their places, so that one too many captures less and not more.
void resolve_captured_headers(SettingReader& reader, Settings& settings) {
  constexpr internal::PatternBounds kBounds{segment::kMaxHeaderPattern, segment::RuleTable::kMaxHeaderRules};
  settings.capture_headers_exclude = reader.patterns("WAYBILL_CAPTURE_HEADERS_EXCLUDE", kBounds, 0);
  settings.capture_headers_include =
      reader.patterns("WAYBILL_CAPTURE_HEADERS_INCLUDE", kBounds, settings.capture_headers_exclude.size());
}

void resolve_conversation_id(SettingReader& reader, Settings& settings) {
  constexpr std::string_view kName = "WAYBILL_CONVERSATION_ID_HEADER";
  const std::string_view header = reader.text(kName).value_or("");
  if (header.size() <= segment::kMaxHeaderPattern) {
    settings.conversation_id_header = header;
  } else {
    reader.complain(kName, quoted(header) + " is longer than " + std::to_string(segment::kMaxHeaderPattern) +
                               " characters; no conversation id is shown");
  }
}

SpanKinds resolve_spans(SettingReader& reader) {
  constexpr std::string_view kName = "WAYBILL_SPANS";
  const auto members = reader.list(kName);
  if (!members) return {};
  SpanKinds kinds{false, false, false, false, false, false};
  const std::pair<std::string_view, bool*> words[] = {
      {"send", &kinds.send},     {"receive", &kinds.receive},         {"process", &kinds.process},
      {"settle", &kinds.settle}, {"transaction", &kinds.transaction}, {"create", &kinds.create},
      {"none", nullptr},
  };
  for (const std::string_view member : *members) {
    const auto* known = std::find_if(std::begin(words), std::end(words),
                                     [&](const auto& word) { return same_word(member, word.first); });
    if (known == std::end(words)) {
      reader.complain(kName,
                      quoted(member) +
                          " is not one of create, send, receive, process, settle, transaction and none; "
                          "it is skipped");
    } else if (known->second != nullptr) {
      *known->second = true;
    }
  }
  reader.complain_about_none(kName, *members);
  return kinds;
}

// The list is shared by all instrumentations of a program: what is not for messaging is for others.
bool resolve_old_names(SettingReader& reader) {
  const std::vector<std::string_view> members =
      parse_list(reader.text("OTEL_SEMCONV_STABILITY_OPT_IN").value_or(""));
  return std::any_of(members.begin(), members.end(),
                     [](std::string_view member) { return same_word(member, "messaging/dup"); });
}

// The specification leaves the words to the languages: those of several are understood.
Log::Level resolve_log_level(SettingReader& reader) {
  using enum Log::Level;
  static constexpr std::array<Choice<Log::Level>, 10> kLevels{{{"info", kInfo},
                                                               {"warn", kWarning},
                                                               {"error", kError},
                                                               {"none", kNothing},
                                                               {"debug", kInfo},
                                                               {"off", kNothing},
                                                               {"warning", kWarning},
                                                               {"fatal", kError},
                                                               {"trace", kInfo},
                                                               {"all", kInfo}}};
  return reader.choice("OTEL_LOG_LEVEL", kLevels, kInfo);
}

void resolve_lag(SettingReader& reader, Settings& settings) {
  static constexpr std::array<Choice<LagQueryMode>, 3> kQuery{
      {{"auto", LagQueryMode::kAuto}, {"on", LagQueryMode::kOn}, {"off", LagQueryMode::kOff}}};
  LagSettings& lag = settings.lag;
  lag.query = reader.choice("WAYBILL_LAG_QUERY", kQuery, lag.query);
  const auto interval = static_cast<std::uint64_t>(lag.interval.count());
  lag.interval =
      std::chrono::milliseconds{reader.integer("WAYBILL_LAG_INTERVAL", interval, 1'000, 3'600'000)};
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
  settings.enabled = reader.boolean("WAYBILL_ENABLED", settings.enabled);
  settings.sdk_disabled = reader.boolean("OTEL_SDK_DISABLED", settings.sdk_disabled);
  settings.inject = reader.choice("WAYBILL_INJECT", kInject, settings.inject);
  settings.existing_context = reader.choice("WAYBILL_EXISTING_CONTEXT", kExisting, settings.existing_context);
  settings.process = reader.choice("WAYBILL_PROCESS", kProcess, settings.process);
  settings.consumer_relation =
      reader.choice("WAYBILL_CONSUMER_RELATION", kRelation, settings.consumer_relation);
  settings.spans = resolve_spans(reader);
  settings.capture_key = resolve_capture_key(reader);
  settings.capture_sizes = reader.boolean("WAYBILL_CAPTURE_SIZES", settings.capture_sizes);
  resolve_captured_headers(reader, settings);
  resolve_conversation_id(reader, settings);
  settings.old_names = resolve_old_names(reader);
  settings.log_level = resolve_log_level(reader);
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
  internal::resolve_sampling(reader, settings);
  internal::resolve_export(reader, settings);
  internal::resolve_metrics(reader, settings);
  internal::resolve_logs(reader, settings);
  resolve_lag(reader, settings);
  resolve_limits(reader, settings);
  return {std::move(settings), reader.take_problems()};
}

ResolvedExport resolve_export(const Environment& environment) {
  SettingReader reader{environment};
  ExportSettings settings;
  internal::resolve_export(reader, settings);
  return {std::move(settings), reader.take_problems()};
}

}  // namespace waybill::configure
