#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "waybill/analysis/message_evidence.h"
#include "waybill/evidence/span.h"

// Spans as clients make them, in few words. Times are seconds, and ids are small numbers, one trace unless
// said.
namespace waybill::analysis::testing {

constexpr std::int64_t kSecond = 1'000'000'000;

inline std::int64_t ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

inline context::TraceId trace_id(std::uint8_t number) {
  context::TraceId id;
  id.bytes[15] = number;
  return id;
}

inline context::SpanId span_id(std::uint32_t number) {
  context::SpanId id;
  for (std::size_t byte = 0; byte < 4; ++byte)
    id.bytes[7 - byte] = static_cast<std::uint8_t>(number >> (8 * byte));
  return id;
}

inline SpanRef ref(std::uint32_t number, std::uint8_t trace = 1) {
  return {trace_id(trace), span_id(number)};
}

inline evidence::Place orders(std::int64_t offset) { return {"orders", 3, offset}; }

inline evidence::Span plain(std::uint32_t id, std::string service, double start, double end) {
  evidence::Span span;
  span.trace_id = trace_id(1);
  span.span_id = span_id(id);
  span.start_ns = ns(start);
  span.end_ns = ns(end);
  span.name = service + " works";
  span.instance = service + "-1";
  span.service = std::move(service);
  return span;
}

inline evidence::Span send(std::uint32_t id, std::int64_t offset, double start, double end) {
  evidence::Span span = plain(id, "shop", start, end);
  span.operation = evidence::Operation::kSend;
  span.kind = evidence::SpanKind::kProducer;
  span.name = "send orders";
  span.place = orders(offset);
  span.acks = -1;
  span.persistence = evidence::Persistence::kPersisted;
  return span;
}

inline evidence::Span failed_send(std::uint32_t id, std::string error, evidence::Persistence persistence) {
  evidence::Span span = send(id, -1, 10, 11);
  span.failed = true;
  span.error_type = std::move(error);
  span.persistence = persistence;
  return span;
}

inline evidence::Link link_to(const SpanRef& to, evidence::Place place = {}) {
  return {.trace_id = to.trace_id, .span_id = to.span_id, .place = std::move(place)};
}

// The processing of the message that `sent` is the send of.
inline evidence::Span process(std::uint32_t id, const SpanRef& sent, std::int64_t offset, double start,
                              double end) {
  evidence::Span span = plain(id, "billing-service", start, end);
  span.operation = evidence::Operation::kProcess;
  span.kind = evidence::SpanKind::kConsumer;
  span.name = "process orders";
  span.place = orders(offset);
  span.group = "billing";
  span.parent_id = sent.span_id;
  span.trace_id = sent.trace_id;
  span.links = {link_to(sent)};
  return span;
}

inline evidence::Span poll(std::uint32_t id, const SpanRef& sent, std::int64_t offset, double start,
                           double end) {
  evidence::Span span = process(id, sent, offset, start, end);
  span.operation = evidence::Operation::kReceive;
  span.kind = evidence::SpanKind::kClient;
  span.name = "poll orders";
  span.parent_id = {};
  span.trace_id = trace_id(2);
  return span;
}

inline evidence::Span commit(std::uint32_t id, std::int64_t offset, double start, double end) {
  evidence::Span span = plain(id, "billing-service", start, end);
  span.operation = evidence::Operation::kSettle;
  span.kind = evidence::SpanKind::kClient;
  span.place = orders(offset);
  span.group = "billing";
  return span;
}

inline evidence::PartitionLog log_of(std::int64_t start, std::int64_t end, double asked) {
  return {.topic = "orders",
          .partition = 3,
          .start = start,
          .end = end,
          .stable_end = end,
          .asked_ns = ns(asked)};
}

inline evidence::CommittedOffset committed(std::int64_t offset, double asked) {
  return {.group = "billing", .topic = "orders", .partition = 3, .offset = offset, .asked_ns = ns(asked)};
}

// Metrics counted as many as spans tell of, from second 0 to `until`.
inline Coverage whole(double messages, double until) {
  return {.from_ns = 0,
          .until_ns = ns(until),
          .counted = messages,
          .traced = messages,
          .is_sampled = false,
          .dropped = 0};
}

}  // namespace waybill::analysis::testing
