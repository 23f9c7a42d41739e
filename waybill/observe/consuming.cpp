// The room's part for consumers: polls, and the messages that they hand over.

#include <utility>

#include "waybill/base/clock.h"
#include "waybill/observe/internal/record_fields.h"
#include "waybill/observe/room.h"
#include "waybill/observe/thread_state.h"
#include "waybill/observe/whole_tail.h"

namespace waybill::observe {

using internal::operation_of;
using segment::ConsumeOperation;
using segment::Operation;
using segment::RecordKind;

void Room::begin_poll(const void* queue, PollMode mode) {
  ThreadState& thread = thread_state;
  thread.frame = PollFrame{};
  thread.frame.running = true;
  thread.frame.queue = queue;
  thread.frame.mode = mode;
  thread.frame.start_ns = base::monotonic_ns();
  thread.polled_queue = queue;
  end_scope_of(queue, thread.frame.start_ns);  // the application asks for more: it is done with what it had
}

void Room::hand_over(const Client& client, const IncomingMessage& message) {
  const segment::PackedSettings settings = this->settings();
  if (!settings.enabled()) return;
  const std::uint64_t now_ns = base::monotonic_ns();
  ThreadState& thread = thread_state;
  PollFrame& frame = thread.frame;
  const std::uint32_t topic = settings.count() ? count_consumed(client, message, now_ns) : 0;
  if (frame.running) {
    frame.profile = client.profile;
    const bool is_first = frame.message_count == 0;
    frame.topic = is_first || frame.topic == topic ? topic : 0;
    const bool is_same = is_first || (frame.topic != 0 && frame.partition == message.partition);
    frame.partition = is_same ? message.partition : -1;
    frame.hand_over_ns = now_ns;
  }
  if (!processing_is_seen(client, settings)) {
    if (!settings.receives() || !reader_lives(now_ns)) return;
    if (!frame.running) return receive_alone(client, message, now_ns, now_ns);
    if (frame.mode == PollMode::kOne) {
      ++frame.message_count;
      return receive_alone(client, message, frame.start_ns, now_ns);
    }
    frame.receives = true;
    return hand_over_in_frame(frame, client, message, now_ns);
  }
  if (frame.running && frame.mode == PollMode::kBatch)
    return hand_over_in_frame(frame, client, message, now_ns);
  if (frame.running) ++frame.message_count;
  const void* queue =
      thread.polled_queue != nullptr ? thread.polled_queue : static_cast<const void*>(&client);
  end_scope_of(queue, now_ns);
  if (ProcessScope* scope =
          open_scope(client, message, settings, {queue, message.address, topic}, nullptr, now_ns))
    make_current(*scope);
}

// The application is done with what it had from there, all the same.
void Room::pass_over(const Client& client) {
  const ThreadState& thread = thread_state;
  if (thread.frame.running && thread.frame.mode == PollMode::kBatch) return;
  end_scope_of(thread.polled_queue != nullptr ? thread.polled_queue : static_cast<const void*>(&client),
               base::monotonic_ns());
}

void Room::end_poll(bool returned_message, const ProcessingFailure& failure) {
  PollFrame& frame = thread_state.frame;
  if (!frame.running) return;  // a poll within a callback of this one has ended in between
  frame.running = false;
  if (frame.message_count == 0) return;
  const std::uint64_t now_ns = base::monotonic_ns();
  // Callbacks process what they get before the call returns: its time is not that of receiving.
  if (frame.mode != PollMode::kCallbacks || frame.receives)
    count_poll(frame, frame.mode == PollMode::kOne ? frame.hand_over_ns : now_ns, failure.error);
  if (frame.operation != 0 && frame.receives) {
    ProcessScope scope{};
    scope.context = frame.root;
    scope.client = frame.client;
    scope.message_count = frame.message_count;
    if (frame.recorded &&
        write_start(ConsumeOperation::kReceive, frame.operation, frame.start_ns, scope, {}, frame.profile)) {
      write_end(frame.operation, now_ns, frame.message_count, frame.client, failure);
    }
  } else if (frame.operation != 0) {
    if (ProcessScope* scope = begin_batch(frame, nullptr, now_ns)) make_current(*scope);
  } else if (!returned_message) {
    end_scope_of(frame.queue, now_ns);  // a callback had it, and has returned
  }
}

// One that got messages too is told by the operation of these.
void Room::fail_poll(const Client& client, const PollFailure& failure) {
  PollFrame& frame = thread_state.frame;
  if (frame.message_count != 0) return end_poll(true, {failure.error, failure.description});
  // An error without a name, for which there was no room, would be taken for none.
  if (frame.start_ns == 0 || failure.error == 0) return;
  const std::uint64_t now_ns = base::monotonic_ns();
  frame.running = false;
  frame.profile = client.profile;
  frame.topic = failure.topic.empty() ? 0 : topic_of(failure.topic);
  frame.partition = failure.partition;
  count_poll(frame, now_ns, failure.error);
  write_failed_poll(client, failure, std::exchange(frame.start_ns, 0), now_ns);
}

void Room::write_failed_poll(const Client& client, const PollFailure& failure, std::uint64_t start_ns,
                             std::uint64_t now_ns) {
  const segment::PackedSettings settings = this->settings();
  if (!settings.receives() || !reader_lives(now_ns)) return;
  context::SpanContext root = new_root();
  const bool sampled =
      sample(settings, {Operation::kReceive, &client, failure.topic, nullptr, true, root.trace_id});
  if (!sampled && !settings.record_unsampled()) return;
  root.flags = internal::with_sampled(root.flags, sampled);
  segment::WholeOperation record{};
  record.kind = segment::WholeKind::kReceive;
  record.start_ns = start_ns;
  record.end_ns = now_ns;
  record.context = internal::to_record(root);
  record.offset = -1;
  record.topic = failure.topic.empty() ? 0 : topic_of(failure.topic);
  record.partition = failure.partition;
  record.error = failure.error;
  WholeTail tail;
  append_whole({client.number, client.profile}, record, {tail.finish(record, failure.description), {}});
}

void Room::hand_over_in_frame(PollFrame& frame, const Client& client, const IncomingMessage& message,
                              std::uint64_t now_ns) {
  const segment::PackedSettings settings = this->settings();
  const bool made = frame.receives ? settings.receives() : settings.processes();
  const bool may_record = made && reader_lives(now_ns);
  if (frame.operation == 0) {
    frame.root = new_root();
    frame.operation = operation_of(frame.root.span_id);
    frame.client = client.number;
    frame.profile = client.profile;
    const Operation kind = frame.receives ? Operation::kReceive : Operation::kProcess;
    const bool sampled =
        may_record && sample(settings, {kind, &client, message.topic, nullptr, true, frame.root.trace_id});
    frame.recorded = sampled || (may_record && settings.record_unsampled());
    frame.root.flags = internal::with_sampled(frame.root.flags, sampled);
    frame.first_creation = message.creation.context;
    frame.first_tracestate = message.creation.tracestate;
    frame.first_baggage = message.creation.baggage;
    frame.first_client = &client;
    frame.first_topic = message.topic;
  }
  ++frame.message_count;
  // A batch of one becomes the child of its message, whose sender may have decided otherwise than we did.
  const bool is_alone = frame.message_count == 1 && frame.first_creation.valid();
  const bool may_be_child = may_record && (is_alone || frame.has_outer);
  if (frame.recorded || may_be_child) write_message(client, frame.operation, message, now_ns);
}

void Room::receive_alone(const Client& client, const IncomingMessage& message, std::uint64_t start_ns,
                         std::uint64_t now_ns) {
  context::SpanContext root = new_root();
  const segment::PackedSettings settings = this->settings();
  const bool sampled =
      sample(settings, {Operation::kReceive, &client, message.topic, nullptr, true, root.trace_id});
  if (!sampled && !settings.record_unsampled()) return;
  root.flags = internal::with_sampled(root.flags, sampled);
  segment::SingleConsumed record{};
  record.operation = operation_of(root.span_id);
  record.start_ns = start_ns;
  record.hand_over_ns = now_ns;
  record.context = internal::to_record(root);
  record.profile = client.profile;
  record.kind = ConsumeOperation::kReceive;
  append_message(RecordKind::kSingleConsumed, record, client, message);
}

}  // namespace waybill::observe
