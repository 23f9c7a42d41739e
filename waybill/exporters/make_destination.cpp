#include "waybill/exporters/make_destination.h"

#include <unistd.h>

#include "waybill/exporters/encoding_destination.h"
#include "waybill/exporters/file_destination.h"
#include "waybill/exporters/make_transport.h"

namespace waybill::exporters {
namespace {

using configure::ExporterKind;
using configure::ExportSettings;

std::unique_ptr<Destination> make_otlp(const SpanSignal& signal) {
  return std::make_unique<EncodingDestination>(signal.encoder(signal.otlp_protocol),
                                               make_otlp_transport(signal.otlp, signal.otlp_protocol));
}

std::unique_ptr<Destination> make_kafka(const SpanSignal& signal, const configure::KafkaSettings& kafka) {
  return std::make_unique<EncodingDestination>(signal.encoder(configure::OtlpProtocol::kHttpProtobuf),
                                               make_kafka_transport(kafka, signal.topic));
}

FileDestination::Text text_on(int descriptor, const SpanSignal& signal,
                              const configure::ConsoleSettings& console) {
  const bool on_terminal = descriptor != LineFile::kNoDescriptor && isatty(descriptor) == 1;
  const bool is_tree = console.format == configure::ConsoleFormat::kTree ||
                       (console.format == configure::ConsoleFormat::kAuto && on_terminal);
  const ConsoleStyle style{is_tree, on_terminal && console.colour};
  return [style, text = signal.console_text](Batches batches) { return text(batches, style); };
}

std::unique_ptr<Destination> make_console(const SpanSignal& signal,
                                          const configure::ConsoleSettings& console) {
  if (console.target == configure::ConsoleTarget::kFile) {
    return std::make_unique<FileDestination>(console.file, text_on(LineFile::kNoDescriptor, signal, console));
  }
  const bool to_stdout = console.target == configure::ConsoleTarget::kStdout;
  const int descriptor = to_stdout ? STDOUT_FILENO : STDERR_FILENO;
  return std::make_unique<FileDestination>(descriptor, to_stdout ? "stdout" : "stderr",
                                           text_on(descriptor, signal, console));
}

}  // namespace

std::unique_ptr<Destination> make_destination(ExporterKind kind, const SpanSignal& signal,
                                              const ExportSettings& settings) {
  switch (kind) {
    case ExporterKind::kOtlp:
      return make_otlp(signal);
    case ExporterKind::kOtlpStdout:
      return std::make_unique<FileDestination>(STDOUT_FILENO, "stdout", signal.json_line);
    case ExporterKind::kOtlpFile:
      return std::make_unique<FileDestination>(settings.otlp_file, signal.json_line);
    case ExporterKind::kConsole:
      return make_console(signal, settings.console);
    case ExporterKind::kKafka:
      return make_kafka(signal, settings.kafka);
    case ExporterKind::kZipkin:
      break;
  }
  return nullptr;
}

}  // namespace waybill::exporters
