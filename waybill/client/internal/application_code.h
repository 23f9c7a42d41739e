#pragma once

#include <memory>
#include <vector>

#include "waybill/agent/entry_points.h"
#include "waybill/client/custom_sampler.h"
#include "waybill/client/message_attributes.h"
#include "waybill/client/span_exporter.h"
#include "waybill/support/log.h"

namespace waybill::internal {

// Code that the application gave to a builder, for telemetry to call. Empty: none.
struct ApplicationCode {
  std::shared_ptr<CustomSampler> sampler;  // shared, because builders are copied
  AttributeExtractor attributes;
  std::vector<std::shared_ptr<SpanExporter>> span_exporters;
};

// Has the host side call this sampler and this extractor from here on, in place of those before. They stay
// until the process ends: at any time a thread may be within them.
void install(const agent::EntryPoints& core, const ApplicationCode& code, Log::Level level);

// Has the host side call none of it any more. A call that has begun goes on.
void uninstall(const agent::EntryPoints& core);

}  // namespace waybill::internal
