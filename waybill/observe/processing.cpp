// The room's part for the scopes in which messages are processed.

#include <algorithm>
#include <cstring>

#include "waybill/base/clock.h"
#include "waybill/base/shared_word.h"
#include "waybill/observe/internal/record_fields.h"
#include "waybill/observe/room.h"
#include "waybill/observe/thread_state.h"

namespace waybill::observe {

using base::shared;
using internal::operation_of;
using segment::ConsumeOperation;
using segment::HostCounter;
using segment::Operation;
using segment::RecordKind;

namespace {

const void* this_thread() { return &thread_state; }

bool in_use(std::uint64_t state) { return (state & 1U) != 0; }

}  // namespace

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
    const bool is_its_own = shared(scope.client).load(std::memory_order_relaxed) == client.number;
    if (in_use(state) && is_its_own && scope.queue != nullptr) {  // else its end will be told
      end_scope(scope, state, base::monotonic_ns());
    }
  }
}

ScopeTicket Room::begin_processing(const Client& client, const IncomingMessage& message) {
  const segment::PackedSettings settings = this->settings();
  if (!settings.enabled()) return {};
  const std::uint64_t now_ns = base::monotonic_ns();
  const std::uint32_t topic = settings.count() ? topic_of(message.topic) : 0;
  return make_current_until_told(
      open_scope(client, message, settings, {nullptr, nullptr, topic}, current_scope(), now_ns));
}

void Room::add_to_batch(PollFrame& frame, const Client& client, const IncomingMessage& message) {
  const segment::PackedSettings settings = this->settings();
  if (!settings.enabled()) return;
  const std::uint32_t topic = settings.count() ? topic_of(message.topic) : 0;
  const bool is_first = frame.message_count == 0;
  frame.profile = client.profile;
  frame.has_outer = current_scope() != nullptr;
  frame.topic = is_first || frame.topic == topic ? topic : 0;
  const bool is_same = is_first || (frame.topic != 0 && frame.partition == message.partition);
  frame.partition = is_same ? message.partition : -1;
  hand_over_in_frame(frame, client, message, base::monotonic_ns());
}

ScopeTicket Room::begin_batch_processing(const PollFrame& frame) {
  if (frame.operation == 0) return {};
  return make_current_until_told(begin_batch(frame, current_scope(), base::monotonic_ns()));
}

ScopeTicket Room::begin_context(const MessageContext& context) {
  if (!settings().enabled() || (!context.context.valid() && context.baggage.empty())) return {};
  ProcessScope* scope = take_scope();
  if (scope == nullptr) {
    count(HostCounter::kScopesDropped);
    return {};
  }
  scope->recorded = false;
  scope->context = scope->creation = context.context;
  scope->queue = nullptr;
  keep_texts(*scope, context.tracestate, context.baggage);
  shared(scope->message).store(static_cast<const void*>(nullptr), std::memory_order_relaxed);
  shared(scope->client).store(0, std::memory_order_relaxed);
  shared(scope->message_count).store(0, std::memory_order_relaxed);
  return make_current_until_told(scope);
}

ScopeTicket Room::make_current_until_told(ProcessScope* scope) {
  if (scope == nullptr) return {};
  const ThreadState& thread = thread_state;
  ScopeTicket ticket{};
  ticket.room = key_[0];
  ticket.outer_scope = thread.scope;
  ticket.outer_state = thread.scope_state;
  make_current(*scope);
  ticket.scope = static_cast<std::uint16_t>(thread.scope);
  ticket.state = thread.scope_state;
  return ticket;
}

void Room::end_processing(const ScopeTicket& ticket, const ProcessingFailure& failure) {
  if (ticket.scope == 0 || ticket.scope > kScopes || ticket.room != key_[0] || !in_use(ticket.state)) return;
  ThreadState& thread = thread_state;
  if (thread.scope == ticket.scope && thread.scope_state == ticket.state) {
    thread.scope = ticket.outer_scope;
    thread.scope_state = ticket.outer_state;
  }
  end_scope(scopes_[ticket.scope - 1], ticket.state, base::monotonic_ns(), failure);
}

MessageContext Room::current_context() const {
  const ProcessScope* scope = current_scope();
  if (scope == nullptr) return {};
  return {scope->context, scope->tracestate(), scope->baggage()};
}

// WAYBILL_PROCESS, the door and the host's language together.
bool Room::processing_is_seen(const Client& client, const segment::PackedSettings& settings) const {
  if (!client.sees_end_of_processing || settings.process() == internal::kProcessNone) return false;
  return settings.process() == internal::kProcessThread || options_.runtime != HostRuntime::kMoving;
}

const ProcessScope* Room::own_scope() const {
  const ThreadState& thread = thread_state;
  if (thread.scope == 0) return nullptr;
  auto& scope = const_cast<ProcessScope&>(scopes_[thread.scope - 1]);  // to be read as an atomic
  // The thread too: after a fork the child's states count from the start again.
  const bool mine = shared(scope.state).load(std::memory_order_acquire) == thread.scope_state &&
                    shared(scope.thread).load(std::memory_order_relaxed) == this_thread();
  return mine ? &scope : find_innermost();
}

// What was current has ended, and nobody told this thread. Another thread may take a slot meanwhile: then its
// state is not the one that was seen any more, and the next look finds that out.
ProcessScope* Room::find_innermost() const {
  ThreadState& thread = thread_state;
  thread.scope = 0;
  if (thread.scopes_room != key_[0]) return nullptr;
  if (shared(active_scopes_).load(std::memory_order_relaxed) == 0) return nullptr;
  const std::uint32_t used = std::min(shared(scopes_used_).load(std::memory_order_acquire), kScopes);
  std::uint64_t innermost = 0;
  for (std::uint32_t slot = 0; slot < used; ++slot) {
    const ProcessScope& scope = scopes_[slot];
    const std::uint64_t state = shared(scope.state).load(std::memory_order_acquire);
    const bool mine = in_use(state) && shared(scope.thread).load(std::memory_order_relaxed) == this_thread();
    const std::uint64_t order = shared(scope.order).load(std::memory_order_relaxed);
    if (!mine || order < thread.scopes_from || order <= innermost) continue;
    innermost = order;
    thread.scope = slot + 1;
    thread.scope_state = state;
  }
  return thread.scope == 0 ? nullptr : const_cast<ProcessScope*>(&scopes_[thread.scope - 1]);
}

// The scope of a single message, not current yet. Null: there is no room for it.
ProcessScope* Room::open_scope(const Client& client, const IncomingMessage& message,
                               const segment::PackedSettings& settings, const ScopeEnds& ends,
                               const ProcessScope* outer, std::uint64_t now_ns) {
  ProcessScope* scope = take_scope();
  if (scope == nullptr) {
    count(HostCounter::kScopesDropped);
    return nullptr;
  }
  const context::SpanContext& creation = message.creation.context;
  const bool is_local = outer != nullptr && outer->context.valid();
  const bool is_child = is_local || (creation.valid() && !settings.relation_link());
  const bool is_remote = !is_local || outer->hands_on();
  const context::SpanContext& parent = is_local ? outer->context : creation;
  scope->recorded = false;
  if (!settings.processes() || !reader_lives(now_ns)) {
    scope->context = parent;  // hand on what came in
  } else {
    if (is_child) {
      scope->context = parent;
      scope->context.span_id = own_span_id(parent.trace_id);
    } else {
      scope->context = new_root();
    }
    const bool sampled = sample(settings, {Operation::kProcess, &client, message.topic,
                                           is_child ? &parent : nullptr, is_remote, scope->context.trace_id});
    scope->recorded = sampled || settings.record_unsampled();
    scope->context.flags = internal::with_sampled(scope->context.flags, sampled);
  }
  if (is_local)
    keep_texts(*scope, outer->tracestate(), outer->baggage());
  else
    keep_texts(*scope, is_child ? message.creation.tracestate : std::string_view{}, message.creation.baggage);
  scope->creation = creation;
  scope->thread = this_thread();
  scope->queue = ends.queue;
  scope->profile = client.profile;
  scope->topic = ends.topic;
  scope->partition = message.partition;
  scope->start_ns = now_ns;
  shared(scope->message).store(ends.message, std::memory_order_relaxed);
  shared(scope->operation).store(operation_of(scope->context.span_id), std::memory_order_relaxed);
  shared(scope->client).store(client.number, std::memory_order_relaxed);
  shared(scope->message_count).store(1, std::memory_order_relaxed);
  if (!scope->recorded) return scope;
  if (is_local) {
    scope->recorded = write_start(ConsumeOperation::kProcess, scope->operation, now_ns, *scope,
                                  {parent.span_id, is_remote}, client.profile);
    if (scope->recorded) write_message(client, scope->operation, message, now_ns);
    return scope;
  }
  segment::SingleConsumed record{};
  record.operation = scope->operation;
  record.start_ns = record.hand_over_ns = now_ns;
  record.context = internal::to_record(scope->context);
  record.profile = client.profile;
  record.kind = ConsumeOperation::kProcess;
  if (is_child) record.bits = segment::bits::kParentRemote;
  scope->recorded = append_message(RecordKind::kSingleConsumed, record, client, message);
  return scope;
}

void Room::keep_texts(ProcessScope& scope, std::string_view tracestate, std::string_view baggage) {
  scope.tracestate_size = static_cast<std::uint16_t>(std::min(tracestate.size(), segment::kMaxTracestate));
  if (scope.tracestate_size != 0)
    std::memcpy(scope.tracestate_text, tracestate.data(), scope.tracestate_size);
  scope.baggage_size = static_cast<std::uint16_t>(std::min(baggage.size(), context::kMaxBaggageLength));
  if (scope.baggage_size == 0) return;
  char* text = baggage_[&scope - scopes_];
  std::memcpy(text, baggage.data(), scope.baggage_size);
  scope.baggage_text = text;
}

ProcessScope* Room::begin_batch(const PollFrame& frame, const ProcessScope* outer, std::uint64_t now_ns) {
  ProcessScope* scope = take_scope();
  if (scope == nullptr) {
    count(HostCounter::kScopesDropped);
    return nullptr;
  }
  const segment::PackedSettings settings = this->settings();
  const bool is_local = outer != nullptr && outer->context.valid();
  const bool is_child =
      is_local || (frame.message_count == 1 && frame.first_creation.valid() && !settings.relation_link());
  const bool is_remote = !is_local || outer->hands_on();
  const context::SpanContext& continued = is_local ? outer->context : frame.first_creation;
  ParentSpan parent;
  scope->context = frame.root;
  scope->recorded = frame.recorded;
  // A batch has no baggage of its own: that of which message would it be?
  if (is_local)
    keep_texts(*scope, outer->tracestate(), outer->baggage());
  else
    keep_texts(*scope, is_child ? frame.first_tracestate : std::string_view{},
               frame.message_count == 1 ? frame.first_baggage : std::string_view{});
  if (!settings.processes() || !reader_lives(now_ns)) {
    // Hand on what came in, start nothing.
    scope->context = is_child ? continued : context::SpanContext{};
    scope->recorded = false;
  } else if (is_child) {
    parent = {continued.span_id, is_remote};
    scope->context.trace_id = continued.trace_id;
    const bool sampled = sample(settings, {Operation::kProcess, frame.first_client, frame.first_topic,
                                           &continued, is_remote, scope->context.trace_id});
    scope->recorded = sampled || settings.record_unsampled();
    scope->context.flags = internal::with_sampled(continued.flags, sampled);
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
  return scope;
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

void Room::make_current(ProcessScope& scope) {
  const std::uint64_t free_state = scope.state;
  shared(active_scopes_).fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t order = shared(scopes_begun()).fetch_add(1, std::memory_order_relaxed) + 1;
  shared(scope.order).store(order, std::memory_order_relaxed);
  ThreadState& thread = thread_state;
  if (thread.scopes_room != key_[0]) {
    thread.scopes_room = key_[0];
    thread.scopes_from = order;
  }
  shared(scope.state).store(free_state + 1, std::memory_order_release);
  thread.scope = static_cast<std::uint32_t>(&scope - scopes_) + 1;
  thread.scope_state = free_state + 1;
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
bool Room::end_scope(ProcessScope& scope, std::uint64_t state, std::uint64_t now_ns,
                     const ProcessingFailure& failure) {
  const std::uint64_t operation = shared(scope.operation).load(std::memory_order_relaxed);
  const std::uint32_t client = shared(scope.client).load(std::memory_order_relaxed);
  const std::uint32_t message_count = shared(scope.message_count).load(std::memory_order_relaxed);
  const bool recorded = scope.recorded;
  const ProcessedMessages processed{scope.profile, scope.topic, scope.partition, scope.start_ns,
                                    failure.error};
  if (!shared(scope.state).compare_exchange_strong(state, state + 1, std::memory_order_acq_rel)) return false;
  shared(scope.thread).store(static_cast<const void*>(nullptr), std::memory_order_release);
  shared(active_scopes_).fetch_sub(1, std::memory_order_relaxed);
  if (message_count != 0) count_processing(processed, now_ns);
  if (recorded) write_end(operation, now_ns, message_count, client, failure);
  return true;
}

}  // namespace waybill::observe
