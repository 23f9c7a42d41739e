// The room's part for consumers: messages that are handed over, and the scopes in which they are processed.

#include <algorithm>
#include <cstring>

#include "waybill/base/clock.h"
#include "waybill/base/shared_word.h"
#include "waybill/observe/internal/record_fields.h"
#include "waybill/observe/room.h"
#include "waybill/observe/thread_state.h"

namespace waybill::observe {

using base::shared;
using segment::ConsumeOperation;
using segment::HostCounter;
using segment::Operation;
using segment::RecordKind;

namespace {

const void* this_thread() { return &thread_state; }

std::uint64_t operation_of(const context::SpanId& id) {
  std::uint64_t operation = 0;
  std::memcpy(&operation, id.bytes.data(), sizeof operation);
  return operation;
}

bool in_use(std::uint64_t state) { return (state & 1U) != 0; }

}  // namespace

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
  hand_over_alone(client, message, settings, {queue, topic}, now_ns);
}

// The application is done with what it had from there, all the same.
void Room::pass_over(const Client& client) {
  const ThreadState& thread = thread_state;
  if (thread.frame.running && thread.frame.mode == PollMode::kBatch) return;
  end_scope_of(thread.polled_queue != nullptr ? thread.polled_queue : static_cast<const void*>(&client),
               base::monotonic_ns());
}

void Room::end_poll(bool returned_message) {
  PollFrame& frame = thread_state.frame;
  if (!frame.running) return;  // a poll within a callback of this one has ended in between
  frame.running = false;
  if (frame.message_count == 0) return;
  const std::uint64_t now_ns = base::monotonic_ns();
  // Callbacks process what they get before the call returns: its time is not that of receiving.
  if (frame.mode != PollMode::kCallbacks || frame.receives)
    count_poll(frame, frame.mode == PollMode::kOne ? frame.hand_over_ns : now_ns);
  if (frame.operation != 0 && frame.receives) {
    ProcessScope scope{};
    scope.context = frame.root;
    scope.client = frame.client;
    scope.message_count = frame.message_count;
    if (frame.recorded &&
        write_start(ConsumeOperation::kReceive, frame.operation, frame.start_ns, scope, {}, frame.profile)) {
      write_end(frame.operation, now_ns, frame.message_count, frame.client);
    }
  } else if (frame.operation != 0) {
    begin_batch(frame, now_ns);
  } else if (!returned_message) {
    end_scope_of(frame.queue, now_ns);  // a callback had it, and has returned
  }
}

void Room::message_destroyed(const void* message) {
  if (shared(active_scopes_).load(std::memory_order_relaxed) == 0 || options_.runtime != HostRuntime::kNative)
    return;
  const std::uint32_t used = std::min(shared(scopes_used_).load(std::memory_order_acquire), kScopes);
  for (std::uint32_t slot = 0; slot < used; ++slot) {
    ProcessScope& scope = scopes_[slot];
    const std::uint64_t state = shared(scope.state).load(std::memory_order_acquire);
    if (in_use(state) && shared(scope.message).load(std::memory_order_relaxed) == message) {
      end_scope(scope, state, base::monotonic_ns());
      return;
    }
  }
}

void Room::end_processing(const Client& client) {
  if (shared(active_scopes_).load(std::memory_order_relaxed) == 0) return;
  for (ProcessScope& scope : scopes_) {
    const std::uint64_t state = shared(scope.state).load(std::memory_order_acquire);
    if (in_use(state) && shared(scope.client).load(std::memory_order_relaxed) == client.number) {
      end_scope(scope, state, base::monotonic_ns());
    }
  }
}

// WAYBILL_PROCESS, the door and the host's language together.
bool Room::processing_is_seen(const Client& client, const segment::PackedSettings& settings) const {
  if (!client.sees_end_of_processing || settings.process() == internal::kProcessNone) return false;
  return settings.process() == internal::kProcessThread || options_.runtime != HostRuntime::kMoving;
}

ProcessScope* Room::current_scope() const {
  const ThreadState& thread = thread_state;
  if (thread.scope == 0) return nullptr;
  auto& scope = const_cast<ProcessScope&>(scopes_[thread.scope - 1]);
  // The thread too: after a fork the child's states count from the start again.
  const bool mine = shared(scope.state).load(std::memory_order_acquire) == thread.scope_state &&
                    shared(scope.thread).load(std::memory_order_relaxed) == this_thread();
  return mine ? &scope : nullptr;
}

void Room::hand_over_alone(const Client& client, const IncomingMessage& message,
                           const segment::PackedSettings& settings, const HandOver& to,
                           std::uint64_t now_ns) {
  end_scope_of(to.queue, now_ns);
  ProcessScope* scope = take_scope();
  if (scope == nullptr) return count(HostCounter::kScopesDropped);
  const std::uint64_t free_state = scope->state;
  const context::SpanContext& creation = message.creation.context;
  const bool child = creation.valid() && !settings.relation_link();
  scope->recorded = false;
  if (!settings.processes() || !reader_lives(now_ns)) {
    scope->context = creation;  // hand on what came in
  } else {
    if (child) {
      scope->context = creation;
      scope->context.span_id = own_span_id(creation.trace_id);
    } else {
      scope->context = new_root();
    }
    const bool sampled = sample(settings, {Operation::kProcess, &client, message.topic,
                                           child ? &creation : nullptr, true, scope->context.trace_id});
    scope->recorded = sampled || settings.record_unsampled();
    scope->context.flags = internal::with_sampled(scope->context.flags, sampled);
  }
  keep_texts(*scope, child ? message.creation.tracestate : std::string_view{}, message.creation.baggage);
  scope->creation = creation;
  scope->thread = this_thread();
  scope->queue = to.queue;
  scope->profile = client.profile;
  scope->topic = to.topic;
  scope->partition = message.partition;
  scope->start_ns = now_ns;
  shared(scope->message).store(message.address, std::memory_order_relaxed);
  shared(scope->operation).store(operation_of(scope->context.span_id), std::memory_order_relaxed);
  shared(scope->client).store(client.number, std::memory_order_relaxed);
  shared(scope->message_count).store(1, std::memory_order_relaxed);
  if (scope->recorded) {
    segment::SingleConsumed record{};
    record.operation = scope->operation;
    record.start_ns = record.hand_over_ns = now_ns;
    record.context = internal::to_record(scope->context);
    record.profile = client.profile;
    record.kind = ConsumeOperation::kProcess;
    if (child) record.bits = segment::bits::kParentRemote;
    scope->recorded = append_message(RecordKind::kSingleConsumed, record, client, message);
  }
  make_current(*scope, free_state);
}

void Room::keep_texts(ProcessScope& scope, std::string_view tracestate, std::string_view baggage) {
  scope.tracestate_size = static_cast<std::uint16_t>(std::min(tracestate.size(), segment::kMaxTracestate));
  if (scope.tracestate_size != 0)
    std::memcpy(scope.tracestate_text, tracestate.data(), scope.tracestate_size);
  scope.baggage_size = static_cast<std::uint16_t>(std::min(baggage.size(), context::kMaxBaggageLength));
  if (scope.baggage_size != 0) std::memcpy(baggage_[&scope - scopes_], baggage.data(), scope.baggage_size);
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
  const bool may_be_child = may_record && frame.message_count == 1 && frame.first_creation.valid();
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

void Room::write_message(const Client& client, std::uint64_t operation, const IncomingMessage& message,
                         std::uint64_t now_ns) {
  segment::ConsumedMessage record{};
  record.operation = operation;
  record.hand_over_ns = now_ns;
  append_message(RecordKind::kConsumedMessage, record, client, message);
}

// Adds what is known of the message to a record that holds one.
template <typename Record>
bool Room::append_message(RecordKind kind, Record& record, const Client& client,
                          const IncomingMessage& message) {
  record.offset = message.offset;
  record.timestamp_ms = message.timestamp_ms;
  record.client = client.number;
  record.topic = topic_of(message.topic);
  record.partition = message.partition;
  record.body_size = static_cast<std::uint32_t>(message.body_size);
  if (message.tombstone) record.bits |= segment::bits::kTombstone;
  const segment::PackedSettings settings = this->settings();
  const std::string_view key =
      internal::key_for_record(message.key, message.key_size, settings.capture_key(), record.bits);
  record.key_size = static_cast<std::uint16_t>(key.size());
  std::string_view tracestate;
  if (message.creation.context.valid()) {
    record.creation = internal::to_record(message.creation.context);
    record.bits |= segment::bits::kHasCreation;
    tracestate = message.creation.tracestate;
    record.tracestate_size = static_cast<std::uint16_t>(tracestate.size());
  }
  segment::RecordTail tail{.key = key, .tracestate = tracestate};
  const bool appended = settings.capture_headers()
                            ? append_message_with_headers(kind, record, tail, message, settings.propagators())
                            : writer_.append(kind, record, tail);
  if (!appended) count(HostCounter::kConsumeRecordsDropped);
  return appended;
}

template <typename Record>
bool Room::append_message_with_headers(RecordKind kind, Record record, segment::RecordTail tail,
                                       const IncomingMessage& message, std::uint32_t propagators) {
  segment::HeaderTexts texts;
  capture_headers(message.headers, message.address, propagators, texts);
  if (!texts.empty()) {
    record.has_headers = 1;
    tail.headers = &texts;
  }
  return writer_.append(kind, record, tail);
}

bool Room::write_start(ConsumeOperation kind, std::uint64_t operation, std::uint64_t start_ns,
                       const ProcessScope& scope, const context::SpanId& parent, std::uint32_t profile) {
  segment::ConsumeStarted record{};
  record.operation = operation;
  record.start_ns = start_ns;
  record.context = internal::to_record(scope.context);
  record.parent_span_id = parent.bytes;
  record.client = scope.client;
  record.profile = profile;
  record.kind = kind;
  if (parent.valid()) record.bits |= segment::bits::kParentRemote;
  if (scope.message_count > 1) record.bits |= segment::bits::kBatch;
  record.tracestate_size = scope.tracestate_size;
  if (writer_.append(RecordKind::kConsumeStarted, record, {.tracestate = scope.tracestate()})) return true;
  count(HostCounter::kConsumeRecordsDropped);
  return false;
}

void Room::write_end(std::uint64_t operation, std::uint64_t end_ns, std::uint32_t message_count,
                     std::uint32_t client) {
  segment::ConsumeEnded record{};
  record.operation = operation;
  record.end_ns = end_ns;
  record.message_count = message_count;
  record.client = client;
  if (!writer_.append(RecordKind::kConsumeEnded, record)) count(HostCounter::kSendEndsDropped);
}

void Room::begin_batch(const PollFrame& frame, std::uint64_t now_ns) {
  ProcessScope* scope = take_scope();
  if (scope == nullptr) return count(HostCounter::kScopesDropped);
  const std::uint64_t free_state = scope->state;
  const segment::PackedSettings settings = this->settings();
  const bool child = frame.message_count == 1 && frame.first_creation.valid() && !settings.relation_link();
  context::SpanId parent;
  scope->context = frame.root;
  scope->recorded = frame.recorded;
  // A batch has no baggage: that of which message would it be?
  keep_texts(*scope, child ? frame.first_tracestate : std::string_view{},
             frame.message_count == 1 ? frame.first_baggage : std::string_view{});
  if (!settings.processes() || !reader_lives(now_ns)) {
    scope->context =
        child ? frame.first_creation : context::SpanContext{};  // hand on what came in, start nothing
    scope->recorded = false;
  } else if (child) {
    parent = frame.first_creation.span_id;
    scope->context.trace_id = frame.first_creation.trace_id;
    const bool sampled = sample(settings, {Operation::kProcess, frame.first_client, frame.first_topic,
                                           &frame.first_creation, true, scope->context.trace_id});
    scope->recorded = sampled || settings.record_unsampled();
    scope->context.flags = internal::with_sampled(frame.first_creation.flags, sampled);
  }
  scope->creation = frame.message_count == 1 ? frame.first_creation : context::SpanContext{};
  scope->thread = this_thread();
  scope->queue = frame.queue;
  scope->profile = frame.profile;
  scope->topic = frame.topic;
  scope->partition = frame.partition;
  scope->start_ns = now_ns;
  shared(scope->message).store(static_cast<const void*>(nullptr), std::memory_order_relaxed);
  shared(scope->operation).store(frame.operation, std::memory_order_relaxed);
  shared(scope->client).store(frame.client, std::memory_order_relaxed);
  shared(scope->message_count).store(frame.message_count, std::memory_order_relaxed);
  if (scope->recorded) {
    scope->recorded =
        write_start(ConsumeOperation::kProcess, frame.operation, now_ns, *scope, parent, frame.profile);
  }
  make_current(*scope, free_state);
}

// A free slot, held for the caller: its state is even and stays so, because only make_current moves it on,
// and no other thread takes a slot whose thread is set.
ProcessScope* Room::take_scope() {
  for (std::uint32_t slot = 0; slot < kScopes; ++slot) {
    ProcessScope& scope = scopes_[slot];
    const std::uint64_t state = shared(scope.state).load(std::memory_order_acquire);
    const void* nobody = nullptr;
    if (in_use(state) || !shared(scope.thread).compare_exchange_strong(nobody, this_thread())) continue;
    std::uint32_t used = shared(scopes_used_).load(std::memory_order_relaxed);
    while (used <= slot &&
           !shared(scopes_used_).compare_exchange_weak(used, slot + 1, std::memory_order_release)) {
    }
    return &scope;
  }
  return nullptr;
}

void Room::make_current(ProcessScope& scope, std::uint64_t free_state) {
  shared(active_scopes_).fetch_add(1, std::memory_order_relaxed);
  shared(scope.state).store(free_state + 1, std::memory_order_release);
  thread_state.scope = static_cast<std::uint32_t>(&scope - scopes_) + 1;
  thread_state.scope_state = free_state + 1;
}

void Room::end_scope_of(const void* queue, std::uint64_t now_ns) {
  if (shared(active_scopes_).load(std::memory_order_relaxed) == 0) return;
  const std::uint32_t used = std::min(shared(scopes_used_).load(std::memory_order_acquire), kScopes);
  for (std::uint32_t slot = 0; slot < used; ++slot) {
    ProcessScope& scope = scopes_[slot];
    const std::uint64_t state = shared(scope.state).load(std::memory_order_acquire);
    if (in_use(state) && shared(scope.thread).load(std::memory_order_relaxed) == this_thread() &&
        scope.queue == queue) {
      end_scope(scope, state, now_ns);
      return;
    }
  }
}

// The fields are read before the state is moved on: after that the slot may have a new life.
bool Room::end_scope(ProcessScope& scope, std::uint64_t state, std::uint64_t now_ns) {
  const std::uint64_t operation = shared(scope.operation).load(std::memory_order_relaxed);
  const std::uint32_t client = shared(scope.client).load(std::memory_order_relaxed);
  const std::uint32_t message_count = shared(scope.message_count).load(std::memory_order_relaxed);
  const bool recorded = scope.recorded;
  const ProcessedMessages processed{scope.profile, scope.topic, scope.partition, scope.start_ns};
  if (!shared(scope.state).compare_exchange_strong(state, state + 1, std::memory_order_acq_rel)) return false;
  shared(scope.thread).store(static_cast<const void*>(nullptr), std::memory_order_release);
  shared(active_scopes_).fetch_sub(1, std::memory_order_relaxed);
  count_processing(processed, now_ns);
  if (recorded) write_end(operation, now_ns, message_count, client);
  return true;
}

}  // namespace waybill::observe
