// The room's part for producers.

#include <algorithm>
#include <atomic>
#include <cstring>

#include "waybill/base/clock.h"
#include "waybill/base/shared_word.h"
#include "waybill/observe/internal/beyond_the_room.h"
#include "waybill/observe/internal/describe_message.h"
#include "waybill/observe/internal/record_fields.h"
#include "waybill/observe/room.h"
#include "waybill/observe/thread_state.h"

namespace waybill::observe {

using base::shared;

namespace {

constinit std::atomic<ReadApplicationSpan> read_application_span{nullptr};

// A span of the application's counts where no processing is current, and where it is within what is current:
// of the same trace, and not that span itself.
const context::SpanContext* parent_of_application(ReadApplicationSpan read,
                                                  const context::SpanContext* current, SendPlan& plan) {
  const ApplicationSpan* span = read();
  if (span == nullptr || !span->context.valid()) return current;
  if (current != nullptr && span->context.trace_id != current->trace_id) return current;
  if (current != nullptr && span->context.span_id == current->span_id) return current;
  plan.context = span->context;
  plan.tracestate = span->tracestate();
  return &span->context;
}

}  // namespace

void Room::read_application_spans_by(ReadApplicationSpan read) {
  read_application_span.store(read, std::memory_order_release);
  internal::look_beyond(internal::kApplicationSpans, read != nullptr);
}

void Room::look_further(int reasons) {
  shared(reasons_to_look_).fetch_add(static_cast<std::uint32_t>(reasons), std::memory_order_release);
}

// The innermost counts. A transaction is within the span that was the parent when it began, and around every
// other one.
const context::SpanContext* Room::find_parent(const Client& client, const context::SpanContext* current,
                                              SendPlan& plan) {
  const context::SpanContext* parent = current;
  if (const ReadApplicationSpan read = read_application_span.load(std::memory_order_acquire))
    parent = parent_of_application(read, parent, plan);
  const OpenTransaction::View transaction = client.transaction.look();
  if (transaction.state == 0) return parent;
  if (parent != nullptr && parent->span_id != transaction.parent) {
    if (transaction.context.sampled()) plan.link = transaction.context;
    return parent;
  }
  plan.context = transaction.context;
  plan.tracestate = transaction.tracestate;
  return &plan.context;
}

Room::Surroundings Room::surroundings(const Client& client, SendPlan& found) const {
  const ProcessScope* scope = current_scope();
  const context::SpanContext* current =
      scope != nullptr && scope->context.valid() ? &scope->context : nullptr;
  if (current != nullptr) found.tracestate = scope->tracestate();
  const context::SpanContext* parent = find_parent(client, current, found);
  return {parent, scope != nullptr && parent == &scope->context && *parent == scope->creation};
}

// What costs most comes last, and only if the message needs it: the coarse time, ids, the exact time.
SendPlan Room::plan_send(const Client& client, std::string_view topic, const MessageContext& existing) {
  const segment::PackedSettings settings = this->settings();
  SendPlan plan;
  if (!settings.enabled()) return plan;

  const bool looks_further = shared(reasons_to_look_).load(std::memory_order_acquire) != 0 ||
                             internal::beyond_the_room.load(std::memory_order_acquire) != 0;
  const ProcessScope* scope = looks_further ? current_scope() : own_scope();
  const context::SpanContext* parent = scope != nullptr && scope->context.valid() ? &scope->context : nullptr;
  if (parent != nullptr) {
    plan.context = *parent;
    plan.tracestate = scope->tracestate();
  }
  if (looks_further) [[unlikely]] {
    SendBatch* batch = thread_state.batch;
    if (batch != nullptr && batch->client == client.number) {
      plan_in_batch(client, topic, existing, *batch, plan);
      return plan;
    }
    parent = find_parent(client, parent, plan);
  }
  const context::TraceId trace_id = parent != nullptr ? parent->trace_id : ids().next_trace_id();
  // A context that was only handed on, while nobody read, is not of a span of ours.
  const bool remote = scope != nullptr && parent == &scope->context && scope->hands_on();
  const bool sampled = settings.sends() && sample(settings, {segment::Operation::kSend, &client, topic,
                                                             parent, remote, trace_id});
  const bool recorded = sampled || (settings.record() && settings.record_unsampled());
  // Most messages, where few are sampled: nothing goes out with them, whether somebody reads or not.
  if (!recorded && parent == nullptr && scope == nullptr && !existing.context.valid() &&
      settings.inject() != internal::kInjectAlways)
    return plan;

  // Without a reader nobody would store a span of ours: hand on what came in, and start nothing.
  const bool starts_span = settings.sends() && reader_lives(base::coarse_monotonic_ns());
  if (starts_span) {
    plan.record = recorded;
    plan.context.trace_id = trace_id;
    if (parent == nullptr) plan.context.flags = context::kFlagRandom;
    plan.context.flags = internal::with_sampled(plan.context.flags, sampled);
  }
  decide_headers(settings, {scope, parent != nullptr}, existing, plan);
  if (starts_span && (plan.record || plan.inject)) {
    if (parent != nullptr) plan.parent = parent->span_id;
    plan.context.span_id = own_span_id(plan.context.trace_id);
  }
  if (plan.record) plan.start_ns = base::monotonic_ns();
  return plan;
}

void Room::decide_headers(const segment::PackedSettings& settings, const Around& around,
                          const MessageContext& existing, SendPlan& plan) const {
  const ProcessScope* scope = around.scope;
  const bool stands_there = existing.context.valid();
  const bool forwarded = scope != nullptr && stands_there && existing.context == scope->creation;
  if (stands_there && !forwarded && !settings.replace_existing() && !made_here(existing.context)) {
    plan.link = existing.context;  // the user's own stays
    return;
  }
  const auto propagators = context::Propagators::from_packed(settings.propagators());
  plan.propagators = propagators;
  if (scope != nullptr && settings.inject() != internal::kInjectNever &&
      propagators.has(context::Propagator::kBaggage))
    plan.baggage = scope->baggage();
  const bool wanted =
      settings.inject() == internal::kInjectAlways ||
      (settings.inject() == internal::kInjectSampled && (plan.context.sampled() || around.has_parent));
  plan.inject = propagators.carry_context() && wanted && plan.context.trace_id.valid();
  // Switched off, headers stay as the application made them.
  plan.remove_existing =
      propagators.carry_context() && stands_there && settings.inject() != internal::kInjectNever;
}

void Room::record_send(Client& client, const SendPlan& plan, const OutgoingMessage& message, bool injected) {
  if (!plan.record) return;
  if (!message.has_headers && shared(client.sampled_without_headers).load(std::memory_order_relaxed) == 0)
    shared(client.sampled_without_headers).store(1, std::memory_order_relaxed);
  segment::SendStarted record{};
  record.message = reinterpret_cast<std::uintptr_t>(message.address);
  record.start_ns = plan.start_ns;
  record.context = internal::to_record(plan.context);
  record.parent_span_id = plan.parent.bytes;
  record.client = client.number;
  record.profile = client.profile;
  record.topic = topic_of(message.topic);
  record.body_size = static_cast<std::uint32_t>(message.body_size);
  record.bits = plan.bits;
  if (injected) record.bits |= segment::bits::kInjected;
  if (message.tombstone) record.bits |= segment::bits::kTombstone;
  const segment::PackedSettings settings = this->settings();
  const std::string_view key =
      internal::key_for_record(message.key, message.key_size, settings.capture_key(), record.bits);
  record.key_size = static_cast<std::uint16_t>(key.size());
  record.tracestate_size = static_cast<std::uint16_t>(plan.tracestate.size());

  segment::RecordContext link{};
  segment::RecordTail tail{.key = key, .tracestate = plan.tracestate};
  if (plan.link.valid()) {
    link = internal::to_record(plan.link);
    tail.link = &link;
    record.bits |= segment::bits::kHasLink;
  }
  if (settings.capture_headers() || internal::describes_messages()) [[unlikely]] {
    return record_send_with_texts(message, settings.propagators(), record, tail);
  }
  append_send(segment::RecordKind::kSendStarted, record, tail, segment::HostCounter::kSendStartsDropped);
}

// Copies, so that the other way needs no record in memory.
void Room::record_send_with_texts(const OutgoingMessage& message, std::uint32_t propagators,
                                  segment::SendStarted record, segment::RecordTail tail) {
  segment::HeaderTexts texts;
  GivenAttributes given;
  gather_texts(message, true, propagators, given, texts);
  if (!texts.empty()) {
    record.has_headers = 1;
    tail.headers = &texts;
  }
  append_send(segment::RecordKind::kSendStarted, record, tail, segment::HostCounter::kSendStartsDropped);
}

std::uint32_t Room::topic_of(std::string_view topic) {
  std::uint32_t& last = thread_state.last_topic;
  if (!writer_.is_definition(last, segment::DefinitionKind::kTopic, topic))
    last = writer_.define(segment::DefinitionKind::kTopic, topic);
  return last;
}

// A record that finds no room is counted in its address's slot, so that the reader does not take the rest for
// a pair.
template <typename Record>
inline void Room::append_send(segment::RecordKind kind, Record& record, const segment::RecordTail& tail,
                              segment::HostCounter lost) {
  auto refusals = shared(refusals_[segment::refusal_slot(record.message)]);
  record.refusals = refusals.load(std::memory_order_relaxed);
  if (writer_.append(kind, record, tail)) return;
  refusals.fetch_add(1, std::memory_order_relaxed);
  count(lost);
}

// Touches nothing but the address: it may not be a message of librdkafka at all (a failing
// rd_kafka_produce_batch gives the element of the application's array).
void Room::end_send(const Client& client, const Acknowledgement& acknowledgement) {
  const ThreadState& thread = thread_state;
  // librdkafka acknowledges all messages of an answer one after the other: they ended when it came.
  const bool answered =
      acknowledgement.error == 0 && thread.answered_ns != 0 && thread.request_client == client.number;
  const std::uint64_t now_ns = answered ? thread.answered_ns : base::monotonic_ns();
  const segment::PackedSettings settings = this->settings();
  if (!settings.enabled() || !settings.sends() || !reader_lives(now_ns)) return;
  segment::SendEnded record{};
  record.message = reinterpret_cast<std::uintptr_t>(acknowledgement.address);
  record.end_ns = now_ns;
  record.offset = acknowledgement.offset;
  record.partition = acknowledgement.partition;
  record.client = client.number;
  record.error = acknowledgement.error;
  record.persistence = acknowledgement.persistence;
  if (acknowledgement.latency_us >= 0)
    record.latency_us_plus_1 =
        static_cast<std::uint32_t>(std::min<std::int64_t>(acknowledgement.latency_us, UINT32_MAX - 1) + 1);
  if (answered) {
    record.request_ns = thread.request_ns;
    record.broker = thread.request_broker;
  }
  append_send(segment::RecordKind::kSendEnded, record, {}, segment::HostCounter::kSendEndsDropped);
}

void Room::refuse_send(Client& client, const OutgoingMessage& message, const Acknowledgement& answer) {
  const SendPlan plan = plan_send(client, message.topic, {});
  leaves_without_context(plan);
  record_send(client, plan, message, false);
  if (counts()) count_answer(client, answer);
  if (plan.record) end_send(client, answer);
}

std::uint32_t Room::define_error(std::string_view name_and_text) {
  return writer_.define(segment::DefinitionKind::kError, name_and_text);
}

namespace {

BrokerRequests* requests_of(Client& client, std::int32_t broker) {
  const auto wanted = static_cast<std::uint64_t>(static_cast<std::uint32_t>(broker)) + 1;
  for (BrokerRequests& requests : client.brokers) {
    std::uint64_t free = 0;
    if (shared(requests.broker_plus_1).load(std::memory_order_relaxed) == wanted ||
        shared(requests.broker_plus_1).compare_exchange_strong(free, wanted)) {
      return &requests;
    }
    if (free == wanted) return &requests;
  }
  return nullptr;
}

}  // namespace

void Room::request_sent(Client& client, std::int32_t broker) {
  thread_state.answered_ns = 0;
  if (BrokerRequests* requests = requests_of(client, broker)) requests->sent(base::monotonic_ns());
}

void Room::request_answered(Client& client, std::int32_t broker, std::string_view broker_name, bool failed,
                            std::uint32_t error) {
  BrokerRequests* requests = requests_of(client, broker);
  ThreadState& thread = thread_state;
  thread.request_client = client.number;
  thread.answered_ns = failed ? 0 : base::monotonic_ns();
  thread.request_ns = requests == nullptr ? 0 : requests->answered(failed);
  thread.request_broker = writer_.define(segment::DefinitionKind::kBroker, broker_name);
  if (failed) count_failed_request(client, thread.request_broker, error);
}

}  // namespace waybill::observe
