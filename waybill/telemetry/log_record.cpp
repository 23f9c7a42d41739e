#include "waybill/telemetry/log_record.h"

#include <algorithm>
#include <array>
#include <variant>

namespace waybill::telemetry {
namespace {

struct Event {
  std::string_view operation_type;
  std::string_view name;
  Severity severity;
};
constexpr auto kEvents = std::to_array<Event>({
    {"create", "messaging.create.exception", Severity::kWarn},
    {"send", "messaging.send.exception", Severity::kWarn},
    {"receive", "messaging.receive.exception", Severity::kWarn},
    {"settle", "messaging.settle.exception", Severity::kWarn},
    {"process", "messaging.process.exception", Severity::kError},
});

constexpr std::string_view kErrorType = "error.type";

// Of a span's attributes those that tell failures apart. Keys and headers of messages may be personal, and
// logs are kept by others than traces: for these there is the span.
constexpr auto kTold = std::to_array<std::string_view>({
    kErrorType,
    "messaging.system",
    "messaging.operation.name",
    "messaging.operation.type",
    "messaging.destination.name",
    "messaging.destination.partition.id",
    "messaging.consumer.group.name",
    "messaging.client.id",
    "messaging.kafka.offset",
    "messaging.batch.message_count",
});

// The name as it stands there. Null: the attribute is not told.
const std::string_view* told_name(std::string_view key) {
  const auto* const found = std::find(kTold.begin(), kTold.end(), key);
  return found == kTold.end() ? nullptr : found;
}

std::string_view text_at(const Span& span, std::string_view key) {
  std::string_view found;
  span.for_each_attribute([&](const Attribute& attribute) {
    const auto* text = std::get_if<std::string_view>(&attribute.value);
    if (attribute.key == key && text != nullptr) found = *text;
  });
  return found;
}

const Event* event_of(const Span& span) {
  if (span.shape->status != StatusCode::kError) return nullptr;
  const std::string_view type = text_at(span, "messaging.operation.type");
  const auto* const found = std::find_if(kEvents.begin(), kEvents.end(),
                                         [&](const Event& event) { return event.operation_type == type; });
  return found == kEvents.end() ? nullptr : found;
}

Span copy_of(const Span& span, Arena& memory) {
  Span copy;
  copy.shape = span.shape;
  copy.context = span.context;
  copy.start_unix_ns = span.start_unix_ns;
  copy.end_unix_ns = span.end_unix_ns;
  copy.own_status_message = memory.keep(span.own_status_message);
  absl::InlinedVector<Attribute, 4> attributes;
  for (Attribute attribute : span.attributes) {
    const std::string_view* const name = told_name(attribute.key);
    if (name == nullptr) continue;
    attribute.key = *name;
    if (auto* text = std::get_if<std::string_view>(&attribute.value)) *text = memory.keep(*text);
    attributes.push_back(attribute);
  }
  copy.attributes = memory.keep(std::span<const Attribute>{attributes});
  return copy;
}

}  // namespace

std::optional<LogRecord> log_record_of(const Span& span) {
  const Event* const event = event_of(span);
  if (event == nullptr) return std::nullopt;
  LogRecord record{event->name, event->severity, span.end_unix_ns, span.context, {}};
  const auto put = [&](std::string_view key, std::string_view text) {
    if (!text.empty()) record.attributes.push_back({key, text});
  };
  put("exception.type", text_at(span, kErrorType));
  put("exception.message", span.status_message());
  span.for_each_attribute([&](const Attribute& attribute) {
    if (told_name(attribute.key) != nullptr) record.attributes.push_back(attribute);
  });
  return record;
}

std::vector<std::shared_ptr<SpanBatch>> failed_spans(const SpanBatch& batch, std::size_t most) {
  std::vector<std::shared_ptr<SpanBatch>> all;
  for (const Span& span : batch.spans) {
    if (event_of(span) == nullptr) continue;
    if (all.empty() || all.back()->spans.size() >= most) {
      all.push_back(std::make_shared<SpanBatch>());
      all.back()->resource = batch.resource;
      all.back()->shapes = batch.shapes;
    }
    SpanBatch& failed = *all.back();
    failed.spans.push_back(copy_of(span, failed.memory));
  }
  return all;
}

}  // namespace waybill::telemetry
