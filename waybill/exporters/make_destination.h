#pragma once

#include <memory>
#include <string>

#include "waybill/configure/settings.h"
#include "waybill/exporters/console_text.h"
#include "waybill/exporters/destination.h"
#include "waybill/exporters/span_encoder.h"

namespace waybill::exporters {

// What is particular to one signal that is made of spans: how it is written, and where it goes by OTLP and to
// Kafka. What it refers to outlives the call.
struct SpanSignal {
  std::unique_ptr<SpanEncoder> (*encoder)(configure::OtlpProtocol);
  std::string (*json_line)(Batches);
  std::string (*console_text)(Batches, ConsoleStyle);
  const configure::HttpSettings& otlp;
  configure::OtlpProtocol otlp_protocol;
  const std::string& topic;
};

// The place that an exporter of this kind sends to, which is not kZipkin. `settings` says the rest.
std::unique_ptr<Destination> make_destination(configure::ExporterKind kind, const SpanSignal& signal,
                                              const configure::ExportSettings& settings);

}  // namespace waybill::exporters
