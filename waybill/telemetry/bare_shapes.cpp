#include "waybill/telemetry/bare_shapes.h"

#include "waybill/telemetry/semantic_conventions.h"
#include "waybill/telemetry/span_shapes.h"

namespace waybill::telemetry {
namespace {

// The conventions' own shape of an operation about which nothing is known.
SpanShape bare(const ShapeKey& key, Arena& memory) {
  const ClientProfile nobody;
  const ClientView client{&nobody, {}};
  const SpanLimits no_limits;
  SpanShape shape;
  if (key.operation == ShapeKey::Operation::kSend) {
    SendFacts facts;
    facts.injected = key.injected;
    facts.creates = key.batch;
    shape = send_shape(facts, client, no_limits, memory);
  } else if (key.operation != ShapeKey::Operation::kReceive &&
             key.operation != ShapeKey::Operation::kProcess) {
    WholeFacts facts;
    if (key.operation == ShapeKey::Operation::kSettle) facts.kind = segment::WholeKind::kSettle;
    if (key.operation == ShapeKey::Operation::kSendBatch) facts.kind = segment::WholeKind::kSend;
    facts.injected = key.injected;
    shape = whole_shape(facts, client, no_limits, memory);
  } else {
    ConsumeFacts facts;
    const bool receive = key.operation == ShapeKey::Operation::kReceive;
    facts.kind = receive ? segment::ConsumeOperation::kReceive : segment::ConsumeOperation::kProcess;
    shape = consume_shape(facts, client, no_limits, memory);
  }
  ++shape.dropped_attributes_count;  // at least
  return shape;
}

}  // namespace

const SpanShape& bare_shape(const ShapeKey& key) {
  using enum ShapeKey::Operation;
  static SpanShapes shapes;
  const auto add = [](const ShapeKey& one) -> const SpanShape& {
    return shapes.add([&](Arena& memory) { return bare(one, memory); });
  };
  static const SpanShape& injected_send = add({.operation = kSend, .injected = true});
  static const SpanShape& send = add({.operation = kSend});
  static const SpanShape& create = add({.operation = kSend, .batch = true});
  static const SpanShape& injected_batch = add({.operation = kSendBatch, .injected = true});
  static const SpanShape& batch = add({.operation = kSendBatch});
  static const SpanShape& receive = add({.operation = kReceive});
  static const SpanShape& process = add({.operation = kProcess});
  static const SpanShape& settle = add({.operation = kSettle});
  static const SpanShape& transaction = add({.operation = kTransaction});
  if (key.operation == kReceive) return receive;
  if (key.operation == kProcess) return process;
  if (key.operation == kSettle) return settle;
  if (key.operation == kTransaction) return transaction;
  if (key.operation == kSendBatch) return key.injected ? injected_batch : batch;
  if (key.batch) return create;
  return key.injected ? injected_send : send;
}

}  // namespace waybill::telemetry
