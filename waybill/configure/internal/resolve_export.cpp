#include "waybill/configure/internal/resolve_export.h"

#include <algorithm>
#include <array>
#include <utility>

#include "waybill/configure/parse.h"

namespace waybill::configure::internal {
namespace {

constexpr BatchNames kBatchOfSpans{
    .schedule_delay = "OTEL_BSP_SCHEDULE_DELAY",
    .max_queue_size = "OTEL_BSP_MAX_QUEUE_SIZE",
    .max_export_batch_size = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    .export_timeout = "OTEL_BSP_EXPORT_TIMEOUT",
};

constexpr std::string_view kExporterList = "OTEL_TRACES_EXPORTER";
constexpr std::array<Choice<ExporterKind>, 7> kExporters{{
    {"otlp", ExporterKind::kOtlp},
    {"otlp/stdout", ExporterKind::kOtlpStdout},
    {"otlp_file", ExporterKind::kOtlpFile},
    {"zipkin", ExporterKind::kZipkin},
    {"console", ExporterKind::kConsole},
    {"logging", ExporterKind::kConsole},
    {"kafka", ExporterKind::kKafka},
}};

void resolve_exporters(SettingReader& reader, ExportSettings& settings) {
  auto kinds = reader.choices(kExporterList, kExporters,
                              "otlp, otlp/stdout, otlp_file, kafka, zipkin, console", "no span is exported");
  if (kinds) settings.traces_exporters = *std::move(kinds);
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

// The URL that a setting holds. None: it is not set, or cannot be one.
std::optional<std::string_view> resolve_url(SettingReader& reader, std::string_view name) {
  const auto url = reader.text(name);
  if (!url || (is_http_url(*url) && has_host(*url))) return url;
  // What stands before an "@" may be a password.
  const bool may_be_secret = url->find('@') != std::string_view::npos;
  reader.complain(name, (may_be_secret ? std::string{"the value"} : quoted(*url)) +
                            " is not a URL http://host:port or https://host:port; " +
                            SettingReader::default_is_used(name));
  return std::nullopt;
}

// `url` with the signal's path, which the general setting leaves out.
std::string with_path(std::string_view url, std::string_view path) {
  std::string whole{url};
  if (whole.ends_with('/')) whole.pop_back();
  return whole + std::string{path};
}

void resolve_otlp_endpoint(SettingReader& reader, const OtlpNames& names, HttpSettings& otlp) {
  constexpr std::string_view kGeneral = "OTEL_EXPORTER_OTLP_ENDPOINT";
  const std::string_view name = reader.set_one(names.endpoint, kGeneral);
  const auto url = resolve_url(reader, name);
  if (!url) return;
  otlp.endpoint = name == kGeneral ? with_path(*url, names.path) : *url;
  if (name != kGeneral && has_no_path(*url)) otlp.endpoint += '/';
}

// Of a URL only the host counts for gRPC, and a method stands in the place of the path.
std::string grpc_url(std::string_view server, std::string_view service) {
  std::string url{server.substr(0, server.find_first_of("/?#", server.find("//") + 2))};
  return url.append("/").append(service).append("/Export");
}

void resolve_grpc_endpoint(SettingReader& reader, const OtlpNames& names, HttpSettings& otlp) {
  otlp.endpoint = grpc_url("http://localhost:4317", names.service);
  const bool plain = reader.boolean(reader.set_one(names.insecure, "OTEL_EXPORTER_OTLP_INSECURE"), false);
  const std::string_view name = reader.set_one(names.endpoint, "OTEL_EXPORTER_OTLP_ENDPOINT");
  const auto text = reader.text(name);
  if (!text) return;
  std::string url{*text};
  if (url.find("://") == std::string::npos) url.insert(0, plain ? "http://" : "https://");
  if (is_http_url(url) && has_host(url)) {
    otlp.endpoint = grpc_url(url, names.service);
  } else {
    const bool may_be_secret = text->find('@') != std::string_view::npos;
    reader.complain(name, (may_be_secret ? std::string{"the value"} : quoted(*text)) +
                              " is not host:port, http://host:port or https://host:port; "
                              "http://localhost:4317 is used");
  }
}

std::chrono::milliseconds resolve_timeout(SettingReader& reader, std::string_view name,
                                          std::chrono::milliseconds fallback) {
  return std::chrono::milliseconds{
      reader.integer(name, static_cast<std::uint64_t>(fallback.count()), 1, 3'600'000)};
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
void resolve_headers(SettingReader& reader, std::string_view own, HttpSettings& otlp) {
  const std::string_view name = reader.set_one(own, "OTEL_EXPORTER_OTLP_HEADERS");
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

std::string resolve_path(SettingReader& reader, std::string_view own, std::string_view general) {
  return std::string{reader.text(reader.set_one(own, general)).value_or("")};
}

void resolve_tls(SettingReader& reader, const OtlpNames& names, TlsFiles& tls) {
  constexpr std::string_view kClientCertificate = "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE";
  constexpr std::string_view kClientKey = "OTEL_EXPORTER_OTLP_CLIENT_KEY";
  tls.certificate = resolve_path(reader, names.certificate, "OTEL_EXPORTER_OTLP_CERTIFICATE");
  tls.client_certificate = resolve_path(reader, names.client_certificate, kClientCertificate);
  tls.client_key = resolve_path(reader, names.client_key, kClientKey);
  if (tls.client_certificate.empty() == tls.client_key.empty()) return;
  const bool no_key = tls.client_key.empty();
  const std::string_view lonely = no_key ? reader.set_one(names.client_certificate, kClientCertificate)
                                         : reader.set_one(names.client_key, kClientKey);
  reader.complain(
      lonely, std::string{"a client's certificate needs its key too, and a key its certificate; "} +
                  std::string{no_key ? kClientKey : kClientCertificate} + " is not set, so neither is used");
  tls.client_certificate.clear();
  tls.client_key.clear();
}

// The path means the same in every process, whatever folder each is in.
void resolve_file(SettingReader& reader, ExportSettings& settings) {
  constexpr std::string_view kName = "WAYBILL_OTLP_FILE";
  const std::string_view path = reader.text(kName).value_or("");
  if (path.starts_with('/')) settings.otlp_file = path;
  if (!path.empty() && settings.otlp_file.empty())
    reader.complain(kName, quoted(path) + " does not begin with /; it is ignored");
}

void resolve_zipkin(SettingReader& reader, HttpSettings& zipkin) {
  zipkin.endpoint = resolve_url(reader, "OTEL_EXPORTER_ZIPKIN_ENDPOINT").value_or(zipkin.endpoint);
  zipkin.timeout = resolve_timeout(reader, "OTEL_EXPORTER_ZIPKIN_TIMEOUT", zipkin.timeout);
}

bool is_topic_name(std::string_view name) {
  constexpr std::string_view kCharacters =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-";
  constexpr std::size_t kLongest = 249;
  return name.size() <= kLongest && name.find_first_not_of(kCharacters) == std::string_view::npos &&
         name != "." && name != "..";
}

void resolve_topic(SettingReader& reader, std::string_view name, std::string& topic) {
  const auto text = reader.text(name);
  if (!text) return;
  if (is_topic_name(*text)) {
    topic = *text;
  } else {
    reader.complain(name,
                    quoted(*text) + " cannot be a topic's name; " + SettingReader::default_is_used(name));
  }
}

// The properties are never shown: a password may stand among them.
void resolve_kafka(SettingReader& reader, KafkaSettings& kafka) {
  constexpr std::string_view kConfig = "WAYBILL_KAFKA_CONFIG";
  if (const auto text = reader.text(kConfig)) {
    kafka.properties = parse_pairs(*text).value_or(Pairs{});
    if (kafka.properties.empty())
      reader.complain(kConfig,
                      "the value is not a list key=value,key2=value2 with percent-encoded values; "
                      "it is ignored");
  }
  resolve_topic(reader, "WAYBILL_KAFKA_TOPIC_TRACES", kafka.traces_topic);
  resolve_topic(reader, "WAYBILL_KAFKA_TOPIC_METRICS", kafka.metrics_topic);
  resolve_topic(reader, "WAYBILL_KAFKA_TOPIC_LOGS", kafka.logs_topic);
}

// Colours are a terminal's matter, so what says whether it has some is no setting of ours (no-color.org).
bool terminal_has_colours(const SettingReader& reader) {
  const std::string_view terminal = reader.foreign_text("TERM").value_or("dumb");
  return !reader.foreign_text("NO_COLOR") && terminal != "dumb";
}

void resolve_console(SettingReader& reader, ConsoleSettings& console) {
  static constexpr std::array<Choice<ConsoleFormat>, 3> kFormats{
      {{"auto", ConsoleFormat::kAuto}, {"tree", ConsoleFormat::kTree}, {"lines", ConsoleFormat::kLines}}};
  static constexpr std::array<Choice<ConsoleTarget>, 2> kTargets{
      {{"stderr", ConsoleTarget::kStderr}, {"stdout", ConsoleTarget::kStdout}}};
  constexpr std::string_view kName = "WAYBILL_CONSOLE";
  console.format = reader.choice("WAYBILL_CONSOLE_FORMAT", kFormats, console.format);
  console.colour = terminal_has_colours(reader);
  const std::string_view target = reader.text(kName).value_or("");
  if (target.starts_with('/')) {
    console.target = ConsoleTarget::kFile;
    console.file = target;
  } else {
    console.target = reader.choice(kName, kTargets, console.target, " or a file with its whole path");
  }
}

}  // namespace

OtlpProtocol resolve_otlp(SettingReader& reader, const OtlpNames& names, HttpSettings& otlp) {
  static constexpr std::array<Choice<Compression>, 2> kCompressions{
      {{"none", Compression::kNone}, {"gzip", Compression::kGzip}}};
  static constexpr std::array<Choice<OtlpProtocol>, 3> kProtocols{
      {{"http/protobuf", OtlpProtocol::kHttpProtobuf},
       {"http/json", OtlpProtocol::kHttpJson},
       {"grpc", OtlpProtocol::kGrpc}}};
  const OtlpProtocol protocol = reader.choice(reader.set_one(names.protocol, "OTEL_EXPORTER_OTLP_PROTOCOL"),
                                              kProtocols, OtlpProtocol::kHttpProtobuf);
  if (protocol == OtlpProtocol::kGrpc) {
    resolve_grpc_endpoint(reader, names, otlp);
  } else {
    resolve_otlp_endpoint(reader, names, otlp);
  }
  resolve_headers(reader, names.headers, otlp);
  resolve_tls(reader, names, otlp.tls);
  otlp.timeout =
      resolve_timeout(reader, reader.set_one(names.timeout, "OTEL_EXPORTER_OTLP_TIMEOUT"), otlp.timeout);
  otlp.compression = reader.choice(reader.set_one(names.compression, "OTEL_EXPORTER_OTLP_COMPRESSION"),
                                   kCompressions, otlp.compression);
  return protocol;
}

void resolve_batch(SettingReader& reader, const BatchNames& names, BatchSettings& batch) {
  const auto milliseconds = [&](std::string_view name, std::chrono::milliseconds fallback) {
    return std::chrono::milliseconds{
        reader.integer(name, static_cast<std::uint64_t>(fallback.count()), 0, 3'600'000)};
  };
  batch.schedule_delay = milliseconds(names.schedule_delay, batch.schedule_delay);
  batch.max_queue_size = reader.integer(names.max_queue_size, batch.max_queue_size, 1, 100'000'000);
  const std::uint64_t size = reader.integer(
      names.max_export_batch_size, std::min(batch.max_export_batch_size, batch.max_queue_size), 1, 1'000'000);
  batch.max_export_batch_size = std::min<std::size_t>(size, batch.max_queue_size);
  if (size > batch.max_queue_size) {
    reader.complain(names.max_export_batch_size, std::to_string(size) + " is more than " +
                                                     std::string{names.max_queue_size} + "; " +
                                                     std::to_string(batch.max_queue_size) + " is used");
  }
  batch.export_timeout = milliseconds(names.export_timeout, batch.export_timeout);
}

bool has_brokers(const KafkaSettings& kafka) {
  return std::any_of(kafka.properties.begin(), kafka.properties.end(), [](const auto& property) {
    return property.first == "bootstrap.servers" || property.first == "metadata.broker.list";
  });
}

void resolve_export(SettingReader& reader, ExportSettings& settings) {
  resolve_exporters(reader, settings);
  settings.otlp_protocol = resolve_otlp(reader, kOtlpTraces, settings.otlp_traces);
  resolve_file(reader, settings);
  resolve_zipkin(reader, settings.zipkin);
  resolve_kafka(reader, settings.kafka);
  skip_incomplete(reader, kExporterList, settings, settings.traces_exporters);
  resolve_batch(reader, kBatchOfSpans, settings.batch);
  resolve_console(reader, settings.console);
}

}  // namespace waybill::configure::internal
