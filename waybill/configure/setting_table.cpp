#include "waybill/configure/setting_table.h"

#include <algorithm>
#include <array>

namespace waybill::configure {
namespace {

using enum SettingGroup;

constexpr auto kSettings = std::to_array<Setting>({
    {"WAYBILL_ENABLED", kGeneral, "true",
     "`false` switches everything off: no span, and no header is read or written."},
    {"OTEL_SDK_DISABLED", kGeneral, "false",
     "`true`: no spans are made. A context that came with a message still travels on."},
    {"WAYBILL_PROCESS", kGeneral, "auto",
     "How the end of processing a message is found. `auto`: as `thread`, but `none` for programs whose work "
     "moves "
     "between threads. `thread`: processing ends when the message is destroyed, at the next poll, or at "
     "close. "
     "`none`: no process spans."},
    {"WAYBILL_CONSUMER_RELATION", kGeneral, "parent",
     "`parent`: a process span continues the trace of its message. `link`: it starts a trace of its own and "
     "links "
     "to the message."},
    {"WAYBILL_SPANS", kGeneral, "create,send,receive,process,settle,transaction",
     "Which kinds of spans are made, with commas between, or `none`. While a message is processed whose kind "
     "is left out, its sender's context travels on. Without `create`, the context of a batch's `send` span "
     "goes out with its messages."},
    {"WAYBILL_CAPTURE_KEY", kGeneral, "true",
     "Whether message keys are recorded. Use `false` when keys are personal data; or `hash`: then the "
     "collecting process, which the key still reaches, exports the first half of its SHA-256 in its place, "
     "as `sha256:` and 32 digits. Who can guess a key can check the guess."},
    {"WAYBILL_CAPTURE_SIZES", kGeneral, "false",
     "`true`: `messaging.message.body.size`, the bytes of a message's value."},
    {"WAYBILL_CAPTURE_HEADERS_INCLUDE", kGeneral, "",
     "Patterns of message headers, with commas between, that spans show as `messaging.header.NAME`. Headers "
     "may hold secrets and personal data: name what is needed rather than `*`. Those that the propagators in "
     "use write are captured only where a pattern without `*` and `?` names them. At most 32 patterns in "
     "both "
     "lists."},
    {"WAYBILL_CAPTURE_HEADERS_EXCLUDE", kGeneral, "",
     "Patterns of message headers that are not captured, whatever the other list says."},
    {"WAYBILL_CONVERSATION_ID_HEADER", kGeneral, "",
     "The message header whose value spans show as `messaging.message.conversation_id`, whatever the lists "
     "of "
     "captured headers say."},
    {"OTEL_SEMCONV_STABILITY_OPT_IN", kGeneral, "",
     "With `messaging/dup` in the list, spans also have the attributes that the semantic conventions had in "
     "version 1.24, which older back ends look for. `messaging` changes nothing: the newest ones are always "
     "there. What is for other instrumentations is passed over."},
    {"OTEL_LOG_LEVEL", kGeneral, "info",
     "What Waybill says of itself on stderr: `info`, `warn`, `error`, or `none` (also `off`). `debug` is as "
     "`info`. One line for each problem and minute."},

    {"OTEL_CONFIG_FILE", kFile, "",
     "A file in OpenTelemetry's declarative configuration (YAML). It takes the place of all other `OTEL_*` "
     "variables; `WAYBILL_*` variables win over it. The collecting process reads it, if the program is of "
     "its "
     "own user."},

    {"OTEL_SERVICE_NAME", kResource, "",
     "The service that spans belong to. Wins over `service.name` in `OTEL_RESOURCE_ATTRIBUTES`; without both "
     "it is "
     "the program's name."},
    {"OTEL_RESOURCE_ATTRIBUTES", kResource, "",
     "More about the service, as `key=value,key2=value2`. Values are percent-decoded. One wrong member, and "
     "all of "
     "it is ignored."},

    {"OTEL_PROPAGATORS", kPropagation, "tracecontext,baggage",
     "Which headers carry the context: `tracecontext` and `baggage` (W3C), `b3` (one header), `b3multi` "
     "(`X-B3-…`), `jaeger` (`uber-trace-id`), or `none`. All that are named are written; of those that are "
     "found on a message the last "
     "one "
     "named counts. Baggage travels from a message to those that are sent while it is processed; a message's "
     "own "
     "stays."},
    {"WAYBILL_INJECT", kPropagation, "always",
     "Which messages get the context: `always` all of them, `sampled` those of sampled traces and those that "
     "are sent "
     "while another message is processed, `never` none, and headers stay as they are."},
    {"WAYBILL_EXISTING_CONTEXT", kPropagation, "keep",
     "What happens to a context that the application itself put on a message: `keep`, and the send span "
     "links to "
     "it, or `replace`."},

    {"OTEL_TRACES_SAMPLER", kSampling, "parentbased_always_on",
     "`always_on`, `always_off`, `traceidratio`, or one of Waybill's own: `ratelimited` (so many a second), "
     "`ratelimited_per_topic` (so many of each topic), `adaptive` (as many as `WAYBILL_OVERHEAD_BUDGET` "
     "allows), "
     "`rules` (`WAYBILL_SAMPLER_RULES`), `application` (code of the program's own, given to the C++ API's "
     "builder; without it "
     "everything is sampled); or `parentbased_` "
     "before one of these: then the parent's decision is followed, and the named sampler decides for traces "
     "that start here."},
    {"OTEL_TRACES_SAMPLER_ARG", kSampling, "1.0",
     "The share of traces that the `traceidratio` samplers keep, from 0 to 1; or how many a second, in each "
     "program, "
     "the `ratelimited` ones let through (100 when it is not set), after a pause a second's worth at once; "
     "or the "
     "budget of the `adaptive` ones in percent, in place of `WAYBILL_OVERHEAD_BUDGET`."},
    {"WAYBILL_OVERHEAD_BUDGET", kSampling, "1",
     "Percent of the program's processor time, above 0 and up to 100, that tracing may take with the "
     "samplers "
     "`adaptive` and `parentbased_adaptive`: its hooks and its share of the collecting process. Once a "
     "second "
     "they keep more or fewer traces, at least one in a thousand."},
    {"WAYBILL_SAMPLER_RULES", kSampling, "",
     "Rules with `;` between; the first that fits decides. `topic=payments.*:always_on; "
     "topic=*,operation=send:traceidratio=0.1; group=audit:ratelimited=5; *:always_off`: conditions (`topic` "
     "and "
     "`group` are patterns with `*` and `?`, `operation` is `send`, `receive`, `process`, `settle` or "
     "`transaction`), a colon, a sampler. "
     "What fits none is sampled. At most 32; a rule that is wrong is skipped."},
    {"WAYBILL_SAMPLER_PARENTS", kSampling,
     "remote_parent_sampled=always_on;remote_parent_not_sampled=always_off;local_parent_sampled=always_on;"
     "local_parent_not_sampled=always_off",
     "What a `parentbased_` sampler does with a parent that came with a message (remote) or is a process "
     "span of "
     "this program (local), sampled or not: a sampler for each, as in the rules. What is not named keeps its "
     "default."},
    {"WAYBILL_KEEP", kSampling, "none",
     "What is exported though it was not sampled: `errors` (what failed or has not ended), `slow:TIME` (what "
     "took at "
     "least so long, as `500ms` or `2s`), or both with a comma between. Everything is recorded then, and the "
     "collecting process chooses."},
    {"WAYBILL_TOPICS_INCLUDE", kSampling, "*",
     "Patterns of topics, with commas between: others are left alone, with no span and no header read or "
     "written. Kafka's own topics, which begin with two underscores, only count where a pattern that begins "
     "so "
     "includes them. At most 32 patterns in both lists."},
    {"WAYBILL_TOPICS_EXCLUDE", kSampling, "", "Patterns of topics that are left alone even so."},

    {"OTEL_TRACES_EXPORTER", kExport, "otlp",
     "Where spans go: `otlp`, `otlp/stdout` (a line of OTLP JSON for each batch, from the collecting "
     "process), "
     "`otlp_file` (the same to `WAYBILL_OTLP_FILE`), `kafka`, `zipkin`, `console`, `none`, or several with "
     "commas between. `logging` is an old name of `console`. Unknown ones are skipped."},
    {"WAYBILL_OTLP_FILE", kExport, "",
     "The file that `otlp_file` appends to, with its whole path; a new one is readable by its owner alone. "
     "Programs of other users than the collecting process's cannot choose it."},
    {"WAYBILL_CONSOLE", kExport, "stderr",
     "Where the console exporter writes: `stderr`, `stdout`, or a file with its whole path, to which it is "
     "appended; a new one is readable by its owner alone. Programs of other users than the collecting "
     "process's cannot choose a file."},
    {"WAYBILL_CONSOLE_FORMAT", kExport, "auto",
     "`tree`: the spans of a trace one below the other; `lines`: one line for each span; `auto`: `tree` on a "
     "terminal, else `lines`. A tree holds what is exported at once, so a longer `OTEL_BSP_SCHEDULE_DELAY` "
     "makes larger trees, of `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` spans or a few more. Colours are for terminals "
     "alone, unless `NO_COLOR` is set or `TERM` is `dumb`."},
    {"OTEL_EXPORTER_OTLP_ENDPOINT", kExport, "http://localhost:4318",
     "The OTLP receiver, `http://` or `https://`. `/v1/traces` is added. With `grpc` the default is "
     "`http://localhost:4317`, nothing is added, and a host and port alone will do."},
    {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", kExport, "http://localhost:4318/v1/traces",
     "The receiver of spans; wins over the general one and is used as it is (`/` when it has no path)."},
    {"OTEL_EXPORTER_OTLP_INSECURE", kExport, "false",
     "Whether a `grpc` receiver that is named without `http://` or `https://` is spoken to without TLS."},
    {"OTEL_EXPORTER_OTLP_TRACES_INSECURE", kExport, "false",
     "The same for spans; wins over the general one."},
    {"OTEL_EXPORTER_OTLP_HEADERS", kExport, "",
     "Headers of each request, as `key=value,key2=value2`. Values are percent-decoded, and never shown.",
     true},
    {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", kExport, "", "The same for spans; wins over the general one.",
     true},
    {"OTEL_EXPORTER_OTLP_CERTIFICATE", kExport, "",
     "A PEM file with the authority that an `https://` receiver's certificate must come from; without it "
     "those that "
     "the system trusts. Programs of other users than the collecting process's cannot choose this file, nor "
     "the next "
     "ones."},
    {"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", kExport, "", "The same for spans; wins over the general one."},
    {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", kExport, "",
     "A PEM file with the certificate that is shown to a receiver that asks for one."},
    {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", kExport, "",
     "The same for spans; wins over the general one."},
    {"OTEL_EXPORTER_OTLP_CLIENT_KEY", kExport, "", "The PEM file with the key of that certificate."},
    {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", kExport, "", "The same for spans; wins over the general one."},
    {"OTEL_EXPORTER_OTLP_TIMEOUT", kExport, "10000",
     "Milliseconds for one export, retries included, from 1 to 3600000."},
    {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", kExport, "10000", "The same for spans; wins over the general one."},
    {"OTEL_EXPORTER_OTLP_COMPRESSION", kExport, "none", "`gzip` or `none`."},
    {"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", kExport, "none",
     "The same for spans; wins over the general one."},
    {"OTEL_EXPORTER_OTLP_PROTOCOL", kExport, "http/protobuf", "`http/protobuf`, `http/json` or `grpc`."},
    {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", kExport, "http/protobuf",
     "The same for spans; wins over the general one."},
    {"OTEL_EXPORTER_ZIPKIN_ENDPOINT", kExport, "http://localhost:9411/api/v2/spans",
     "The Zipkin server, with the path. Links and trace state have no place in Zipkin and are left out."},
    {"OTEL_EXPORTER_ZIPKIN_TIMEOUT", kExport, "10000",
     "Milliseconds for one export to Zipkin, retries included, from 1 to 3600000."},

    {"WAYBILL_KAFKA_CONFIG", kExport, "",
     "librdkafka's properties for the collecting process's own connections to Kafka, as "
     "`key=value,key2=value2`. Values are percent-decoded (a comma is `%2C`), and never shown. The `kafka` "
     "exporter needs `bootstrap.servers`, and writes with `acks=all` and `enable.idempotence=true` in any "
     "case; questions about lag use them only for programs with the same `bootstrap.servers`. Programs of "
     "other users than the collecting process's cannot choose them.",
     true},
    {"WAYBILL_KAFKA_TOPIC_TRACES", kExport, "otlp_spans",
     "The topic that the `kafka` exporter writes spans to; chosen as the setting above."},
    {"WAYBILL_KAFKA_TOPIC_METRICS", kExport, "otlp_metrics", "The same for metrics."},

    {"OTEL_BSP_SCHEDULE_DELAY", kBatches, "200",
     "Milliseconds that spans wait for more at most; 0: not at all."},
    {"OTEL_BSP_MAX_QUEUE_SIZE", kBatches, "262144",
     "Spans that wait for an exporter. What does not fit waits in the spool; when that is full too, new "
     "records are dropped and counted."},
    {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", kBatches, "2048",
     "Spans in one export; no more than `OTEL_BSP_MAX_QUEUE_SIZE`. What is larger than the receiver takes "
     "at once (4 MiB for `grpc`, `message.max.bytes` for `kafka`) goes in several requests."},
    {"OTEL_BSP_EXPORT_TIMEOUT", kBatches, "30000",
     "Milliseconds that one export may take as a whole, up to 3600000; 0: no limit. The exporters' own "
     "time-outs hold for each request besides."},

    {"OTEL_METRICS_EXPORTER", kMetrics, "otlp",
     "Where metrics go: `otlp`, `prometheus` (a page that Prometheus asks for), `otlp/stdout` and "
     "`otlp_file` "
     "(lines of OTLP JSON, to the same place as spans), `kafka`, `console`, `none`, or several with commas "
     "between. "
     "`logging` is an old name of `console`."},
    {"OTEL_METRIC_EXPORT_INTERVAL", kMetrics, "60000",
     "Milliseconds between two exports, from 1 to 86400000. Prometheus decides itself when it asks."},
    {"OTEL_METRIC_EXPORT_TIMEOUT", kMetrics, "30000",
     "Milliseconds for one export, from 1 to 86400000; the receiver's own time-out may be shorter."},
    {"OTEL_METRICS_EXEMPLAR_FILTER", kMetrics, "trace_based",
     "`trace_based`: counts and buckets name a sampled span that is counted there. `always_off`: none. "
     "`always_on` means `trace_based`."},
    {"WAYBILL_METRICS_PARTITION_ID", kMetrics, "false",
     "`true`: metrics of messages, polls and processing tell partitions apart, as "
     "`messaging.destination.partition.id`. That is a series for each partition, of the 1,024 or so that a "
     "program has room for."},
    {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", kMetrics, "http://localhost:4318/v1/metrics",
     "The receiver of metrics; wins over `OTEL_EXPORTER_OTLP_ENDPOINT`, to which `/v1/metrics` is added, and "
     "is "
     "used as it is (`/` when it has no path)."},
    {"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", kMetrics, "http/protobuf",
     "For metrics; wins over `OTEL_EXPORTER_OTLP_PROTOCOL`."},
    {"OTEL_EXPORTER_OTLP_METRICS_INSECURE", kMetrics, "false",
     "For metrics; wins over `OTEL_EXPORTER_OTLP_INSECURE`."},
    {"OTEL_EXPORTER_OTLP_METRICS_HEADERS", kMetrics, "",
     "For metrics; wins over `OTEL_EXPORTER_OTLP_HEADERS`.", true},
    {"OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", kMetrics, "",
     "For metrics; wins over `OTEL_EXPORTER_OTLP_CERTIFICATE`."},
    {"OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE", kMetrics, "",
     "For metrics; wins over `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`."},
    {"OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", kMetrics, "",
     "For metrics; wins over `OTEL_EXPORTER_OTLP_CLIENT_KEY`."},
    {"OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", kMetrics, "10000",
     "For metrics; wins over `OTEL_EXPORTER_OTLP_TIMEOUT`."},
    {"OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", kMetrics, "none",
     "For metrics; wins over `OTEL_EXPORTER_OTLP_COMPRESSION`."},
    {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", kMetrics, "cumulative",
     "What OTLP receivers get: `cumulative`, everything since the beginning; `delta`, for counters and "
     "histograms what came since the last export; `lowmemory`, the same, but not for counters that are only "
     "read now and then."},
    {"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", kMetrics, "explicit_bucket_histogram",
     "Only `explicit_bucket_histogram`: programs count into the buckets of the semantic conventions, and no "
     "`base2_exponential_bucket_histogram` can be made of these."},
    {"OTEL_EXPORTER_PROMETHEUS_HOST", kMetrics, "localhost",
     "The address that the page for Prometheus is shown at. Programs of other users than the collecting "
     "process's cannot choose it, nor the port, nor have `prometheus` opened at all."},
    {"OTEL_EXPORTER_PROMETHEUS_PORT", kMetrics, "9464",
     "Its port, from 0 to 65535; with 0 a free one, which is said on stderr."},

    {"OTEL_LOGS_EXPORTER", kLogs, "otlp",
     "Where log records of failed operations go: `otlp`, `otlp/stdout` and `otlp_file` (lines of OTLP JSON, "
     "to "
     "the same place as spans), `kafka`, `console`, `none`, or several with commas between. `logging` is an "
     "old "
     "name of `console`."},
    {"WAYBILL_KAFKA_TOPIC_LOGS", kLogs, "otlp_logs",
     "The topic that the `kafka` exporter writes log records to; chosen as `WAYBILL_KAFKA_CONFIG`."},
    {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", kLogs, "http://localhost:4318/v1/logs",
     "The receiver of log records; wins over `OTEL_EXPORTER_OTLP_ENDPOINT`, to which `/v1/logs` is added, "
     "and is "
     "used as it is (`/` when it has no path)."},
    {"OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", kLogs, "http/protobuf",
     "For log records; wins over `OTEL_EXPORTER_OTLP_PROTOCOL`."},
    {"OTEL_EXPORTER_OTLP_LOGS_INSECURE", kLogs, "false",
     "For log records; wins over `OTEL_EXPORTER_OTLP_INSECURE`."},
    {"OTEL_EXPORTER_OTLP_LOGS_HEADERS", kLogs, "", "For log records; wins over `OTEL_EXPORTER_OTLP_HEADERS`.",
     true},
    {"OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE", kLogs, "",
     "For log records; wins over `OTEL_EXPORTER_OTLP_CERTIFICATE`."},
    {"OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE", kLogs, "",
     "For log records; wins over `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`."},
    {"OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY", kLogs, "",
     "For log records; wins over `OTEL_EXPORTER_OTLP_CLIENT_KEY`."},
    {"OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", kLogs, "10000",
     "For log records; wins over `OTEL_EXPORTER_OTLP_TIMEOUT`."},
    {"OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", kLogs, "none",
     "For log records; wins over `OTEL_EXPORTER_OTLP_COMPRESSION`."},
    {"OTEL_BLRP_SCHEDULE_DELAY", kLogs, "1000",
     "Milliseconds that log records wait for more at most; 0: not at all."},
    {"OTEL_BLRP_MAX_QUEUE_SIZE", kLogs, "32768",
     "Log records that wait for an exporter; what does not fit is dropped and counted."},
    {"OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", kLogs, "512",
     "Log records in one export; no more than `OTEL_BLRP_MAX_QUEUE_SIZE`."},
    {"OTEL_BLRP_EXPORT_TIMEOUT", kLogs, "30000",
     "Milliseconds that one export may take as a whole, up to 3600000; 0: no limit."},

    {"WAYBILL_LAG_QUERY", kLag, "auto",
     "Whether the collecting process asks the brokers of a program's consumers how far their groups are "
     "behind. `auto`: where these consumers connect in plain text. `on`: also where `WAYBILL_KAFKA_CONFIG` "
     "says how to connect, and about all other groups of those clusters, too. `off`: lag is the lower bound "
     "that the program itself knows."},
    {"WAYBILL_LAG_INTERVAL", kLag, "10000", "Milliseconds between two such questions, from 1000 to 3600000."},

    {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", kLimits, "128",
     "Attributes of a span; more are dropped and counted. Wins over `OTEL_ATTRIBUTE_COUNT_LIMIT`."},
    {"OTEL_ATTRIBUTE_COUNT_LIMIT", kLimits, "128", "The same, when the setting above is not set."},
    {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", kLimits, "",
     "Length of a text attribute's value; longer ones are cut. No limit when it is not set. Wins over "
     "`OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`."},
    {"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", kLimits, "", "The same, when the setting above is not set."},
    {"OTEL_SPAN_LINK_COUNT_LIMIT", kLimits, "128", "Links of a span; more are dropped and counted."},
    {"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", kLimits, "128",
     "Attributes of a link; more are dropped and counted."},
    {"OTEL_SPAN_EVENT_COUNT_LIMIT", kLimits, "128", "Without effect: Waybill's spans have no events."},
    {"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", kLimits, "128", "Without effect, for the same reason."},

    {"WAYBILL_RUNTIME_DIR", kHost, "",
     "Where programs leave their records for the collecting process: `/run/waybill` for root, else "
     "`$XDG_RUNTIME_DIR/waybill`, else `/dev/shm/waybill-<uid>`. `waybill run` sets it."},
    {"WAYBILL_SEGMENT_SIZE", kHost, "16MiB",
     "The shared memory of one program, from 1MiB to 1GiB. When it is full, records are dropped and "
     "counted."},
});

constexpr std::string_view kFileSettings[] = {
    "WAYBILL_OTLP_FILE",
    // The properties name files, and with them the collecting process may write to any topic.
    "WAYBILL_KAFKA_CONFIG",
    "WAYBILL_KAFKA_TOPIC_TRACES",
    "WAYBILL_KAFKA_TOPIC_METRICS",
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY",
    "WAYBILL_KAFKA_TOPIC_LOGS",
    "OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY",
};

constexpr std::string_view kTunableSettings[] = {
    "OTEL_TRACES_SAMPLER",   "OTEL_TRACES_SAMPLER_ARG", "WAYBILL_OVERHEAD_BUDGET",
    "WAYBILL_SAMPLER_RULES", "WAYBILL_SAMPLER_PARENTS", "WAYBILL_KEEP",
    "WAYBILL_INJECT",        "WAYBILL_TOPICS_INCLUDE",  "WAYBILL_TOPICS_EXCLUDE",
};

}  // namespace

bool names_file(std::string_view name, std::string_view value) {
  if (name == "WAYBILL_CONSOLE") return value.find('/') != std::string_view::npos;
  return std::find(std::begin(kFileSettings), std::end(kFileSettings), name) != std::end(kFileSettings);
}

std::span<const std::string_view> tunable_settings() { return kTunableSettings; }

std::span<const Setting> known_settings() { return kSettings; }

const Setting* find_setting(std::string_view name) {
  const auto found = std::find_if(kSettings.begin(), kSettings.end(),
                                  [&](const Setting& setting) { return setting.name == name; });
  return found == kSettings.end() ? nullptr : &*found;
}

}  // namespace waybill::configure
