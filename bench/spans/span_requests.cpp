#include "span_requests.h"

#include <cstring>
#include <utility>

namespace waybill::bench {
namespace {

namespace proto = opentelemetry::proto;
using proto::trace::v1::Span;
using proto::trace::v1::Status;

constexpr double kNsInAMs = 1e6;

std::string bytes_of(std::uint64_t id) {
  std::string bytes(sizeof id, '\0');
  std::memcpy(bytes.data(), &id, sizeof id);
  return bytes;
}

std::string digits_of(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string digits;
  for (const char byte : bytes) {
    digits += kDigits[static_cast<unsigned char>(byte) >> 4U];
    digits += kDigits[static_cast<unsigned char>(byte) & 15U];
  }
  return digits;
}

std::string trace_bytes(const Trace& trace) { return bytes_of(trace.id[0]) + bytes_of(trace.id[1]); }

template <typename To>
proto::common::v1::AnyValue* value_of(To& to, const char* name) {
  auto* attribute = to.add_attributes();
  attribute->set_key(name);
  return attribute->mutable_value();
}

template <typename To>
void set_text(To& to, const char* name, const std::string& text) {
  value_of(to, name)->set_string_value(text);
}

template <typename To>
void set_number(To& to, const char* name, std::uint64_t number) {
  value_of(to, name)->set_int_value(static_cast<std::int64_t>(number));
}

void set_real(Span& to, const char* name, double number) { value_of(to, name)->set_double_value(number); }

void set_shared(Span& span, const char* operation, const Trace& trace, const Hop& hop) {
  const std::string topic = topic_name(hop.topic);
  span.set_trace_id(trace_bytes(trace));
  span.set_flags(0x101);
  span.set_name(std::string{operation} + ' ' + topic);
  set_text(span, "messaging.system", "kafka");
  set_text(span, "messaging.operation.name", operation);
  set_text(span, "messaging.operation.type", operation);
  set_text(span, "messaging.destination.name", topic);
  set_text(span, "messaging.destination.partition.id", std::to_string(hop.partition));
  set_text(span, "messaging.kafka.message.key", trace.key);
  set_text(span, "server.address", "kafka-" + std::to_string(hop.partition % 3) + ".example.com");
  set_number(span, "server.port", 9092);
}

void set_failed(Span& span, const char* type, const char* text) {
  set_text(span, "error.type", type);
  span.mutable_status()->set_code(Status::STATUS_CODE_ERROR);
  span.mutable_status()->set_message(text);
}

void set_times(Span& span, std::int64_t start_ns, std::int64_t end_ns) {
  span.set_start_time_unix_nano(static_cast<std::uint64_t>(start_ns));
  span.set_end_time_unix_nano(static_cast<std::uint64_t>(end_ns));
}

void describe(std::size_t service, proto::resource::v1::Resource& resource) {
  set_text(resource, "service.name", service_name(service));
  set_text(resource, "service.namespace", "shop");
  set_text(resource, "service.instance.id", service_name(service) + "-7d4b9c6f5d-x2x9k");
  set_text(resource, "host.name", "node-" + std::to_string(service % 4));
  set_number(resource, "process.pid", 1000 + service);
  set_text(resource, "telemetry.distro.name", "waybill");
}

}  // namespace

std::string service_name(std::size_t service) { return "service-" + std::to_string(service); }
std::string topic_name(std::size_t topic) { return "topic-" + std::to_string(topic); }
std::string group_name(std::size_t service) { return service_name(service) + "-group"; }

SpanRequests::SpanRequests(std::size_t spans_in_a_request, Post post)
    : spans_in_a_request_{spans_in_a_request}, post_{std::move(post)} {
  for (std::size_t service = 0; service < kServices; ++service) {
    auto* of_service = outboxes_[service].request.add_resource_spans();
    describe(service, *of_service->mutable_resource());
    of_service->add_scope_spans()->mutable_scope()->set_name("waybill.kafka");
  }
}

void SpanRequests::add(const Trace& trace) {
  for (std::size_t at = 0; at < trace.used; ++at) {
    add_send(trace, trace.hops[at]);
    if (!trace.hops[at].send_failed) add_process(trace, trace.hops[at]);
  }
}

void SpanRequests::flush() {
  for (Outbox& outbox : outboxes_) post(outbox);
}

void SpanRequests::add_send(const Trace& trace, const Hop& hop) {
  Outbox& outbox = outboxes_[hop.sender];
  Span& span = *next_span(outbox);
  span.set_kind(Span::SPAN_KIND_PRODUCER);
  span.set_span_id(bytes_of(hop.send_id));
  if (hop.parent_id != 0) span.set_parent_span_id(bytes_of(hop.parent_id));
  set_times(span, hop.sent_ns, hop.answered_ns);
  set_shared(span, "send", trace, hop);
  set_text(span, "messaging.client.id", service_name(hop.sender) + "-producer");
  set_number(span, "waybill.kafka.acks", static_cast<std::uint64_t>(-1));
  set_text(span, "waybill.kafka.persistence", hop.send_failed ? "not_persisted" : "persisted");
  if (hop.send_failed) {
    set_failed(span, "_MSG_TIMED_OUT", "Local: Message timed out");
    return;
  }
  const double duration_ms = static_cast<double>(hop.answered_ns - hop.sent_ns) / kNsInAMs;
  set_number(span, "messaging.kafka.offset", hop.offset);
  set_real(span, "waybill.kafka.queue_time_ms", duration_ms / 4);
  set_real(span, "waybill.kafka.broker_time_ms", duration_ms * 3 / 4);
  if (outbox.sample.topic.empty()) {
    outbox.sample = {
        topic_name(hop.topic),    hop.partition, hop.offset, trace.key, digits_of(span.trace_id()),
        digits_of(span.span_id())};
  }
}

void SpanRequests::add_process(const Trace& trace, const Hop& hop) {
  Span& span = *next_span(outboxes_[hop.consumer]);
  span.set_kind(Span::SPAN_KIND_CONSUMER);
  span.set_span_id(bytes_of(hop.process_id));
  span.set_parent_span_id(bytes_of(hop.send_id));
  set_times(span, hop.received_ns, hop.processed_ns);
  set_shared(span, "process", trace, hop);
  set_number(span, "messaging.kafka.offset", hop.offset);
  set_text(span, "messaging.consumer.group.name", group_name(hop.consumer));
  set_text(span, "messaging.client.id", service_name(hop.consumer) + "-consumer");
  set_real(span, "waybill.kafka.record_age_ms",
           static_cast<double>(hop.received_ns - hop.sent_ns) / kNsInAMs);
  auto& link = *span.add_links();
  link.set_trace_id(span.trace_id());
  link.set_span_id(span.parent_span_id());
  if (hop.processing_failed) set_failed(span, "std::runtime_error", "no such order");
}

// Full requests are posted first.
Span* SpanRequests::next_span(Outbox& outbox) {
  auto* spans = outbox.request.mutable_resource_spans(0)->mutable_scope_spans(0)->mutable_spans();
  if (static_cast<std::size_t>(spans->size()) >= spans_in_a_request_) post(outbox);
  return spans->Add();
}

void SpanRequests::post(Outbox& outbox) {
  auto* spans = outbox.request.mutable_resource_spans(0)->mutable_scope_spans(0)->mutable_spans();
  if (spans->empty()) return;
  outbox.request.SerializeToString(&body_);
  post_(body_, static_cast<std::size_t>(spans->size()), std::exchange(outbox.sample, {}));
  spans->Clear();  // which keeps their memory
}

}  // namespace waybill::bench
