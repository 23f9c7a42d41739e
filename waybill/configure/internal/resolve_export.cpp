#include "waybill/configure/internal/resolve_export.h"

#include <algorithm>
#include <array>
#include <utility>

#include "waybill/configure/parse.h"

namespace waybill::configure::internal {
namespace {

constexpr std::array<Choice<ExporterKind>, 6> kExporters{{
    {"otlp", ExporterKind::kOtlp},
    {"otlp/stdout", ExporterKind::kOtlpStdout},
    {"otlp_file", ExporterKind::kOtlpFile},
    {"zipkin", ExporterKind::kZipkin},
    {"console", ExporterKind::kConsole},
    {"logging", ExporterKind::kConsole},
}};

void resolve_exporters(SettingReader& reader, Settings& settings) {
  constexpr std::string_view kName = "OTEL_TRACES_EXPORTER";
  const auto members = reader.list(kName);
  if (!members) return;
  auto& kinds = settings.traces_exporters;
  kinds.clear();
  for (const std::string_view member : *members) {
    const auto* known = std::find_if(kExporters.begin(), kExporters.end(),
                                     [&](const auto& exporter) { return same_word(member, exporter.text); });
    if (known != kExporters.end()) {
      kinds.push_back(known->value);
    } else if (!same_word(member, "none")) {
      reader.complain(kName, quoted(member) +
                                 " is not supported; known are otlp, otlp/stdout, otlp_file, zipkin, console "
                                 "and none; it is skipped" +
                                 (members->size() == 1 ? ", so no span is exported" : ""));
    }
  }
  reader.complain_about_none(kName, *members);
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

void resolve_otlp_endpoint(SettingReader& reader, HttpSettings& otlp) {
  constexpr std::string_view kGeneral = "OTEL_EXPORTER_OTLP_ENDPOINT";
  const std::string_view name = reader.set_one("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", kGeneral);
  const auto url = resolve_url(reader, name);
  if (!url) return;
  otlp.endpoint = *url;
  if (name == kGeneral) {
    otlp.endpoint += otlp.endpoint.ends_with('/') ? "v1/traces" : "/v1/traces";
  } else if (has_no_path(*url)) {
    otlp.endpoint += '/';
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

std::string resolve_path(SettingReader& reader, std::string_view of_traces, std::string_view general) {
  return std::string{reader.text(reader.set_one(of_traces, general)).value_or("")};
}

void resolve_tls(SettingReader& reader, TlsFiles& tls) {
  tls.certificate =
      resolve_path(reader, "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE");
  tls.client_certificate = resolve_path(reader, "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
                                        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE");
  tls.client_key =
      resolve_path(reader, "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY");
  if (tls.client_certificate.empty() == tls.client_key.empty()) return;
  const bool no_key = tls.client_key.empty();
  const std::string_view lonely =
      no_key ? reader.set_one("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
                              "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE")
             : reader.set_one("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY");
  reader.complain(lonely,
                  std::string{"a client's certificate needs its key too, and a key its certificate; "} +
                      (no_key ? "OTEL_EXPORTER_OTLP_CLIENT_KEY" : "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE") +
                      " is not set, so neither is used");
  tls.client_certificate.clear();
  tls.client_key.clear();
}

void resolve_otlp(SettingReader& reader, HttpSettings& otlp) {
  static constexpr std::array<Choice<Compression>, 2> kCompressions{
      {{"none", Compression::kNone}, {"gzip", Compression::kGzip}}};
  resolve_otlp_endpoint(reader, otlp);
  resolve_headers(reader, otlp);
  resolve_tls(reader, otlp.tls);
  otlp.timeout = resolve_timeout(
      reader, reader.set_one("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"),
      otlp.timeout);
  otlp.compression =
      reader.choice(reader.set_one("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"),
                    kCompressions, otlp.compression);
}

// The path means the same in every process, whatever folder each is in.
void resolve_file(SettingReader& reader, Settings& settings) {
  constexpr std::string_view kName = "WAYBILL_OTLP_FILE";
  const std::string_view path = reader.text(kName).value_or("");
  if (path.starts_with('/')) settings.otlp_file = path;
  auto& kinds = settings.traces_exporters;
  const auto file = std::find(kinds.begin(), kinds.end(), ExporterKind::kOtlpFile);
  if (!settings.otlp_file.empty()) return;
  if (!path.empty()) reader.complain(kName, quoted(path) + " does not begin with /; it is ignored");
  if (file == kinds.end()) return;
  reader.complain(
      "OTEL_TRACES_EXPORTER",
      "otlp_file needs WAYBILL_OTLP_FILE, and a program of the collecting process's own user; it is "
      "skipped");
  kinds.erase(file);
}

OtlpProtocol resolve_protocol(SettingReader& reader, OtlpProtocol fallback) {
  static constexpr std::array<Choice<OtlpProtocol>, 2> kProtocols{
      {{"http/protobuf", OtlpProtocol::kHttpProtobuf}, {"http/json", OtlpProtocol::kHttpJson}}};
  return reader.choice(reader.set_one("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"),
                       kProtocols, fallback, " (others are not supported yet)");
}

void resolve_zipkin(SettingReader& reader, HttpSettings& zipkin) {
  zipkin.endpoint = resolve_url(reader, "OTEL_EXPORTER_ZIPKIN_ENDPOINT").value_or(zipkin.endpoint);
  zipkin.timeout = resolve_timeout(reader, "OTEL_EXPORTER_ZIPKIN_TIMEOUT", zipkin.timeout);
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

ConsoleTarget resolve_console(SettingReader& reader, ConsoleTarget fallback) {
  static constexpr std::array<Choice<ConsoleTarget>, 2> kConsole{
      {{"stderr", ConsoleTarget::kStderr}, {"stdout", ConsoleTarget::kStdout}}};
  return reader.choice("WAYBILL_CONSOLE", kConsole, fallback, " (files are not supported yet)");
}

}  // namespace

void resolve_export(SettingReader& reader, Settings& settings) {
  resolve_exporters(reader, settings);
  resolve_otlp(reader, settings.otlp_traces);
  settings.otlp_protocol = resolve_protocol(reader, settings.otlp_protocol);
  resolve_file(reader, settings);
  resolve_zipkin(reader, settings.zipkin);
  resolve_batch(reader, settings.batch);
  settings.console = resolve_console(reader, settings.console);
}

}  // namespace waybill::configure::internal
