#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "waybill/context/propagators.h"
#include "waybill/segment/rule_table.h"
#include "waybill/support/log.h"

namespace waybill::configure {

// What decides whether a span is sampled. The numbers are those of context::Sampler::Kind, but for kAdaptive,
// which is a ratio there that the collecting side changes.
enum class SamplerKind : std::uint8_t {
  kAlwaysOn,
  kAlwaysOff,
  kTraceIdRatio,
  kRateLimited,
  kRateLimitedPerTopic,
  kRules,
  kApplication,
  kAdaptive,
};

struct SamplerChoice {
  SamplerKind kind = SamplerKind::kAlwaysOn;
  // Of those that have one: a ratio in [0, 1]; how many a second, above 0; or the budget of kAdaptive, above
  // 0, in percent of the program's processor time.
  double number = 1.0;

  bool has_ratio() const { return kind == SamplerKind::kTraceIdRatio; }
  bool has_rate() const {
    return kind == SamplerKind::kRateLimited || kind == SamplerKind::kRateLimitedPerTopic;
  }
  bool has_budget() const { return kind == SamplerKind::kAdaptive; }
  friend bool operator==(const SamplerChoice&, const SamplerChoice&) = default;
};

// A sampler for each kind of parent. One that is not parent-based has the same everywhere.
struct SamplerSettings {
  SamplerChoice root;
  SamplerChoice remote_parent_sampled;
  SamplerChoice remote_parent_not_sampled{SamplerKind::kAlwaysOff};
  SamplerChoice local_parent_sampled;
  SamplerChoice local_parent_not_sampled{SamplerKind::kAlwaysOff};

  bool uses(SamplerKind kind) const {
    return root.kind == kind || remote_parent_sampled.kind == kind ||
           remote_parent_not_sampled.kind == kind || local_parent_sampled.kind == kind ||
           local_parent_not_sampled.kind == kind;
  }
  friend bool operator==(const SamplerSettings&, const SamplerSettings&) = default;
};

// WAYBILL_KEEP: what is exported though it was not sampled.
struct KeepSettings {
  bool errors = false;
  std::optional<std::chrono::nanoseconds> slower_than = {};

  bool anything() const { return errors || slower_than.has_value(); }
  friend bool operator==(const KeepSettings&, const KeepSettings&) = default;
};

// One rule of WAYBILL_SAMPLER_RULES: what it is about, and who decides then.
struct SamplerRule {
  std::string topic = "*";
  std::string group = {};  // empty: any group, and producers
  std::uint8_t operations = segment::kAllOperations;
  SamplerChoice sampler = {};
  friend bool operator==(const SamplerRule&, const SamplerRule&) = default;
};

enum class ExporterKind : std::uint8_t { kOtlp, kOtlpStdout, kOtlpFile, kZipkin, kConsole, kKafka };

enum class OtlpProtocol : std::uint8_t { kHttpProtobuf, kHttpJson, kGrpc };

enum class Compression : std::uint8_t { kNone, kGzip };

// Files in PEM form; empty: the system's authorities, and no certificate of our own.
struct TlsFiles {
  std::string certificate = {};  // of the authority that the receiver's certificate must come from
  std::string client_certificate = {};
  std::string client_key = {};
  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

// Where and how telemetry goes by HTTP. `endpoint` is the complete URL, with the signal's path, or with the
// method of gRPC.
struct HttpSettings {
  std::string endpoint;
  // Decoded; values may be secrets: never print them.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::chrono::milliseconds timeout{10'000};  // for one export, retries included
  Compression compression = Compression::kNone;
  TlsFiles tls = {};
  friend bool operator==(const HttpSettings&, const HttpSettings&) = default;
};

// How the collecting process itself connects to Kafka, and where it writes telemetry there.
struct KafkaSettings {
  // librdkafka's, decoded. Values may be secrets: never print them.
  std::vector<std::pair<std::string, std::string>> properties = {};
  std::string traces_topic = "otlp_spans";
  std::string metrics_topic = "otlp_metrics";
  std::string logs_topic = "otlp_logs";
  friend bool operator==(const KafkaSettings&, const KafkaSettings&) = default;
};

// OTEL_BSP_*: how spans wait for their exporter. Our own defaults are larger than the specification's,
// because one collecting process serves hosts at full speed; an explicit value is obeyed.
struct BatchSettings {
  std::chrono::milliseconds schedule_delay{200};
  std::size_t max_queue_size = 262'144;              // spans
  std::size_t max_export_batch_size = 2'048;         // spans
  std::chrono::milliseconds export_timeout{30'000};  // for one export as a whole; 0: no limit
  friend bool operator==(const BatchSettings&, const BatchSettings&) = default;
};

enum class ConsoleTarget : std::uint8_t { kStderr, kStdout, kFile };
enum class ConsoleFormat : std::uint8_t { kAuto, kTree, kLines };

// Where the console exporter writes, and how.
struct ConsoleSettings {
  ConsoleTarget target = ConsoleTarget::kStderr;
  std::string file = {};  // of kFile: the absolute path
  ConsoleFormat format = ConsoleFormat::kAuto;
  bool colour = false;  // on a terminal: whether NO_COLOR and TERM allow it
  friend bool operator==(const ConsoleSettings&, const ConsoleSettings&) = default;
};

// WAYBILL_SPANS: the kinds of spans that are made.
struct SpanKinds {
  bool send = true;
  bool receive = true;
  bool process = true;
  bool settle = true;
  bool transaction = true;
  bool create = true;  // of the messages of a batch
  friend bool operator==(const SpanKinds&, const SpanKinds&) = default;
};

// WAYBILL_CAPTURE_KEY: what of a message's key is recorded.
enum class CaptureKey : std::uint8_t { kNothing, kText, kHash };

enum class MetricExporterKind : std::uint8_t { kOtlp, kOtlpStdout, kOtlpFile, kPrometheus, kConsole, kKafka };

// Which numbers OTLP receivers get as what came since the last export, and not since the beginning
// (OpenTelemetry specification, OTLP Metrics Exporter). kDelta: counters and histograms. kLowMemory: those of
// them that are added to with each event.
enum class TemporalityPreference : std::uint8_t { kCumulative, kDelta, kLowMemory };

// Where Prometheus finds the page with the metrics.
struct PrometheusSettings {
  std::string host = "localhost";
  std::uint16_t port = 9464;  // 0: any that is free
  friend bool operator==(const PrometheusSettings&, const PrometheusSettings&) = default;
};

// Where metrics go, and how often.
struct MetricSettings {
  std::vector<MetricExporterKind> exporters{MetricExporterKind::kOtlp};  // empty: none
  OtlpProtocol otlp_protocol = OtlpProtocol::kHttpProtobuf;
  HttpSettings otlp{.endpoint = "http://localhost:4318/v1/metrics"};
  TemporalityPreference temporality = TemporalityPreference::kCumulative;
  std::chrono::milliseconds interval{60'000};  // between two exports
  std::chrono::milliseconds timeout{30'000};   // for one export
  PrometheusSettings prometheus;
  bool exemplars = true;      // of sampled spans
  bool partition_id = false;  // a series for each partition
  friend bool operator==(const MetricSettings&, const MetricSettings&) = default;
};

// Where log records go, and how they wait for it. There is no zipkin among the exporters.
struct LogSettings {
  std::vector<ExporterKind> exporters{ExporterKind::kOtlp};  // empty: none
  OtlpProtocol otlp_protocol = OtlpProtocol::kHttpProtobuf;
  HttpSettings otlp{.endpoint = "http://localhost:4318/v1/logs"};
  // OTEL_BLRP_*, with the specification's defaults, but for the queue: failures are few, until a broker is
  // away and all that waited for it fails at once.
  BatchSettings batch{.schedule_delay = std::chrono::milliseconds{1'000},
                      .max_queue_size = 32'768,
                      .max_export_batch_size = 512};
  friend bool operator==(const LogSettings&, const LogSettings&) = default;
};

// WAYBILL_LAG_*: how far consumer groups are behind.
enum class LagQueryMode : std::uint8_t { kAuto, kOn, kOff };
struct LagSettings {
  LagQueryMode query = LagQueryMode::kAuto;
  std::chrono::milliseconds interval{10'000};
  friend bool operator==(const LagSettings&, const LagSettings&) = default;
};

enum class InjectMode : std::uint8_t { kAlways, kSampled, kNever };
enum class ExistingContext : std::uint8_t { kKeep, kReplace };
enum class ProcessModel : std::uint8_t { kAuto, kThread, kNone };
enum class ConsumerRelation : std::uint8_t { kParent, kLink };

// Where spans go, and how they wait for it: the exporters of different kinds, at most one of each.
struct ExportSettings {
  std::vector<ExporterKind> traces_exporters{ExporterKind::kOtlp};  // empty: none
  OtlpProtocol otlp_protocol = OtlpProtocol::kHttpProtobuf;
  HttpSettings otlp_traces{.endpoint = "http://localhost:4318/v1/traces"};
  std::string otlp_file;  // the absolute path; set when kOtlpFile is among the exporters
  HttpSettings zipkin{.endpoint = "http://localhost:9411/api/v2/spans"};
  KafkaSettings kafka;
  BatchSettings batch;
  ConsoleSettings console;

  friend bool operator==(const ExportSettings&, const ExportSettings&) = default;
};

// Everything that one host's environment says, checked and complete. A value: made by resolve(), never
// changed after. Its own export settings are what variables can say; a configuration file may add others.
struct Settings : ExportSettings {
  bool enabled = true;        // WAYBILL_ENABLED
  bool sdk_disabled = false;  // OTEL_SDK_DISABLED: no spans, but a context still travels on

  std::string service_name;  // empty: the program's name is used
  std::vector<std::pair<std::string, std::string>> resource_attributes;

  SamplerSettings sampler;
  std::vector<SamplerRule> sampler_rules;   // the first that fits counts
  std::vector<std::string> topics_include;  // patterns; empty: all topics but Kafka's own
  std::vector<std::string> topics_exclude;
  KeepSettings keep;
  context::Propagators propagators = context::kDefaultPropagators;

  std::vector<ExportSettings> more_exports;  // a second receiver of one kind, or one with batches of its own
  MetricSettings metrics;
  LogSettings logs;

  InjectMode inject = InjectMode::kAlways;
  ExistingContext existing_context = ExistingContext::kKeep;
  ProcessModel process = ProcessModel::kAuto;
  ConsumerRelation consumer_relation = ConsumerRelation::kParent;
  SpanKinds spans;
  CaptureKey capture_key = CaptureKey::kText;
  bool capture_sizes = false;
  std::vector<std::string> capture_headers_include;  // patterns; empty: no header is captured
  std::vector<std::string> capture_headers_exclude;
  std::string conversation_id_header;  // empty: none
  bool old_names = false;  // OTEL_SEMCONV_STABILITY_OPT_IN: the attributes of the conventions v1.24 besides

  LagSettings lag;

  std::size_t attribute_count_limit = 128;
  std::size_t attribute_value_length_limit = SIZE_MAX;
  std::size_t link_count_limit = 128;
  std::size_t link_attribute_count_limit = 128;

  Log::Level log_level = Log::Level::kInfo;  // what Waybill says of itself on stderr, and what matters more

  friend bool operator==(const Settings&, const Settings&) = default;
};

}  // namespace waybill::configure
