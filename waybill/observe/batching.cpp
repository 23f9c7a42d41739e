// The room's part for messages that are sent by one call: the application tells the call, and on_send tells
// the messages.

#include "waybill/base/clock.h"
#include "waybill/observe/internal/record_fields.h"
#include "waybill/observe/room.h"
#include "waybill/observe/thread_state.h"

namespace waybill::observe {

using segment::Operation;

void Room::begin_batch(const Client& client, std::string_view topic, SendBatch& batch) {
  const segment::PackedSettings settings = this->settings();
  const std::uint64_t now_ns = base::monotonic_ns();
  // Else each message is sent as if it were alone.
  if (!settings.enabled() || !(settings.creates() || settings.sends()) || !reader_lives(now_ns)) return;
  SendPlan found;
  const Surroundings surroundings = this->surroundings(client, found);
  if (surroundings.parent != nullptr) batch.parent = *surroundings.parent;
  batch.parent_is_remote = surroundings.is_remote;
  batch.around = found.link;
  batch.tracestate_size = static_cast<std::uint16_t>(found.tracestate.size());
  found.tracestate.copy(batch.tracestate_text, sizeof batch.tracestate_text);
  batch.context = batch.parent.valid() ? batch.parent : new_trace();
  batch.context.span_id = own_span_id(batch.context.trace_id);
  const bool sampled = settings.sends() && sample_in(settings, batch, client, topic, batch.context.trace_id);
  batch.context.flags = internal::with_sampled(batch.context.flags, sampled);
  batch.has_span = sampled || (settings.sends() && settings.record_unsampled());
  batch.client = client.number;
  batch.profile = client.profile;
  batch.topic = topic.empty() ? 0 : topic_of(topic);
  batch.start_ns = now_ns;
  batch.room = key_[0];
  thread_state.batch = &batch;
  look_further(1);
}

void Room::leave_batch(const SendBatch& batch) {
  if (thread_state.batch != &batch) return;
  thread_state.batch = nullptr;
  if (batch.room == key_[0]) look_further(-1);
}

bool Room::sample_in(const segment::PackedSettings& settings, const SendBatch& batch, const Client& client,
                     std::string_view topic, const context::TraceId& trace_id) {
  const context::SpanContext* parent = batch.parent.valid() ? &batch.parent : nullptr;
  return sample(settings, {Operation::kSend, &client, topic, parent, batch.parent_is_remote, trace_id});
}

// With create spans the message has one, whose context goes out with it. Else that of the send span does.
void Room::plan_in_batch(const Client& client, std::string_view topic, const MessageContext& existing,
                         SendBatch& batch, SendPlan& plan) {
  const segment::PackedSettings settings = this->settings();
  ++batch.message_count;
  plan.tracestate = batch.tracestate();
  plan.context = batch.context;
  bool recorded = false;
  if (settings.creates()) {
    plan.bits = segment::bits::kBatch;
    if (!batch.parent.valid()) plan.context = new_trace();
    const bool sampled = sample_in(settings, batch, client, topic, plan.context.trace_id);
    recorded = sampled || settings.record_unsampled();
    plan.context.flags = internal::with_sampled(plan.context.flags, sampled);
    plan.context.span_id = own_span_id(plan.context.trace_id);
  }
  decide_headers(settings, {current_scope(), batch.parent.valid()}, existing, plan);
  if (plan.link.valid()) {  // the user's own, for which nothing is created
    batch.tail.add_link(plan.link);
    return;
  }
  if (!settings.creates()) {
    if (plan.inject) ++batch.injected;
    return;
  }
  batch.tail.add_link(plan.context);
  plan.record = recorded;
  plan.parent = batch.parent.span_id;
  plan.link = batch.around;
  if (plan.record) plan.start_ns = base::monotonic_ns();
}

void Room::leaves_without_context(const SendPlan& plan) {
  SendBatch* batch = thread_state.batch;
  if (batch != nullptr && plan.inject && plan.context == batch->context) --batch->injected;
}

void Room::end_batch(SendBatch& batch, const BatchFailure& failure) {
  if (batch.room != key_[0] || !batch.has_span || batch.message_count == 0) return;
  segment::WholeOperation record{};
  record.kind = segment::WholeKind::kSend;
  record.start_ns = batch.start_ns;
  record.end_ns = base::monotonic_ns();
  record.context = internal::to_record(batch.context);
  record.parent_span_id = batch.parent.span_id.bytes;
  record.offset = record.partition = -1;
  record.topic = batch.topic;
  record.error = failure.error;
  record.message_count = batch.message_count;
  if (batch.injected != 0) record.bits |= segment::bits::kInjected;
  if (batch.parent_is_remote) record.bits |= segment::bits::kParentRemote;
  if (batch.around.valid()) batch.tail.add_link(batch.around);
  append_whole({batch.client, batch.profile}, record,
               {batch.tail.finish(record, failure.description), batch.tracestate()});
}

}  // namespace waybill::observe
