#include "waybill/telemetry/span_assembler.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <string_view>
#include <utility>

namespace waybill::telemetry {
namespace {

using segment::DefinitionKind;
using segment::RecordKind;
namespace bits = segment::bits;

// Messages of an operation that was not sampled after all come without a start; they are forgotten after so
// long.
constexpr std::uint64_t kForgetAfterNs = 60'000'000'000;

context::SpanContext from_record(const segment::RecordContext& record) {
  return {{record.trace_id}, {record.span_id}, record.flags};
}

double milliseconds(std::uint64_t from_ns, std::uint64_t to_ns) {
  return static_cast<double>(to_ns - from_ns) / 1e6;
}

// Takes texts from the end of a record, in order.
class Tail {
 public:
  Tail(const segment::RecordView& view, std::size_t fixed)
      : rest_{reinterpret_cast<const char*>(view.bytes.data()) + fixed, view.bytes.size() - fixed} {}

  explicit Tail(std::string_view text) : rest_{text} {}

  std::string_view all() const { return rest_; }
  bool has(std::size_t size) const { return rest_.size() >= size; }
  std::string take(std::size_t size) {
    std::string text{rest_.substr(0, size)};
    rest_.remove_prefix(text.size());
    return text;
  }

 private:
  std::string_view rest_;
};

std::size_t link_size(const segment::SendStarted& record) {
  return (record.bits & bits::kHasLink) != 0 ? sizeof(segment::RecordContext) : 0;
}

std::size_t tail_size(const segment::SendStarted& record) {
  return link_size(record) + record.key_size + record.tracestate_size;
}

std::optional<std::string> key_of(std::uint8_t record_bits, std::string text) {
  if ((record_bits & bits::kHasKey) == 0 || (record_bits & bits::kKeyCut) != 0) return std::nullopt;
  return text;
}

}  // namespace

SpanAssembler::SpanAssembler(Definitions& definitions, ClockAnchor clock, SpanLimits limits,
                             std::size_t in_flight_capacity)
    : definitions_{definitions},
      clock_{clock},
      limits_{limits},
      last_sign_ns_{clock.monotonic_ns},
      sends_{in_flight_capacity} {}

AssemblerCounts SpanAssembler::counts() const {
  AssemblerCounts counts = counts_;
  counts.lost_ends = sends_.lost();
  counts.in_flight = sends_.size();
  for (const auto& [operation, consume] : consumes_) counts.in_flight += consume.started ? 1U : 0U;
  return counts;
}

void SpanAssembler::add(const segment::RecordView& view) {
  switch (view.kind) {
    case RecordKind::kSendStarted:
      return add_send_start(view);
    case RecordKind::kSendEnded:
      return add_send_end(view);
    case RecordKind::kConsumeStarted:
      return add_consume_start(view);
    case RecordKind::kConsumedMessage:
      return add_message(view);
    case RecordKind::kConsumeEnded:
      return add_consume_end(view);
    case RecordKind::kClientClosed: {
      segment::ClientClosed record;
      if (!read(view, record)) return;
      saw(record.time_ns);
      closed_.push_back(record);
      return;
    }
    case RecordKind::kClientCluster: {
      segment::ClientCluster record;
      if (read(view, record))
        clusters_[record.client] = definitions_.text(record.cluster, DefinitionKind::kCluster);
      return;
    }
    case RecordKind::kPadding:
      return;
  }
  ++counts_.malformed;
}

template <typename Record>
bool SpanAssembler::read(const segment::RecordView& view, Record& record) {
  if (view.bytes.size() < sizeof record) {
    ++counts_.malformed;
    return false;
  }
  std::memcpy(&record, view.bytes.data(), sizeof record);
  return true;
}

void SpanAssembler::add_send_start(const segment::RecordView& view) {
  StartedSend send;
  if (!read(view, send.record)) return;
  const Tail tail{view, sizeof send.record};
  if (!tail.has(tail_size(send.record))) {
    ++counts_.malformed;
    return;
  }
  send.tail = tail.all().substr(0, tail_size(send.record));
  saw(send.record.start_ns);
  ++counts_.started;
  if (!sends_.start(std::move(send))) ++counts_.refused;
}

void SpanAssembler::add_send_end(const segment::RecordView& view) {
  segment::SendEnded record;
  if (!read(view, record)) return;
  saw(record.end_ns);
  ends_.push_back(record);
}

void SpanAssembler::add_consume_start(const segment::RecordView& view) {
  segment::ConsumeStarted record;
  if (!read(view, record)) return;
  Tail tail{view, sizeof record};
  PendingConsume& consume = consumes_[record.operation];
  if (!tail.has(record.tracestate_size) || consume.started) {
    ++counts_.malformed;
    return;
  }
  consume.started = true;
  consume.start = record;
  consume.tracestate = tail.take(record.tracestate_size);
  saw(record.start_ns);
  ++counts_.started;
}

void SpanAssembler::add_message(const segment::RecordView& view) {
  segment::ConsumedMessage record;
  if (!read(view, record)) return;
  Tail tail{view, sizeof record};
  if (!tail.has(std::size_t{record.key_size} + record.tracestate_size)) {
    ++counts_.malformed;
    return;
  }
  MessageView message;
  if ((record.bits & bits::kHasCreation) != 0) message.creation = from_record(record.creation);
  message.topic = definitions_.text(record.topic, DefinitionKind::kTopic);
  message.partition = record.partition;
  message.offset = record.offset;
  message.key = key_of(record.bits, tail.take(record.key_size));
  message.trace_state = tail.take(record.tracestate_size);
  message.tombstone = (record.bits & bits::kTombstone) != 0;
  if (record.timestamp_ms > 0) {
    const double age_ms = static_cast<double>(clock_.to_unix_ns(record.hand_over_ns)) / 1e6 -
                          static_cast<double>(record.timestamp_ms);
    message.record_age_ms = std::max(age_ms, 0.0);  // the producer's clock may be ahead of ours
  }
  PendingConsume& consume = consumes_[record.operation];
  consume.last_sign_ns = record.hand_over_ns;
  consume.messages.push_back(std::move(message));
  saw(record.hand_over_ns);
}

void SpanAssembler::add_consume_end(const segment::RecordView& view) {
  segment::ConsumeEnded record;
  if (!read(view, record)) return;
  PendingConsume& consume = consumes_[record.operation];
  consume.ended = true;
  consume.end = record;
  consume.last_sign_ns = record.end_ns;
  saw(record.end_ns);
}

// What was read in the round before is complete now: of an address, each record was committed before the next
// one took its time, so whatever precedes a record that was seen then has been read by now, in whichever
// chunk it stood.
void SpanAssembler::end_round(std::vector<Span>& finished) {
  complete_until_ns_ = seen_until_ns_;
  seen_until_ns_ = last_sign_ns_;
  pair_sends(finished);
  finish_consumes(finished);
  close_clients(finished);
}

void SpanAssembler::pair_sends(std::vector<Span>& finished) {
  const auto by_time = [](const segment::SendEnded& left, const segment::SendEnded& right) {
    return left.end_ns < right.end_ns;
  };
  if (!std::is_sorted(ends_.begin(), ends_.end(), by_time))
    std::stable_sort(ends_.begin(), ends_.end(), by_time);
  std::size_t done = 0;
  for (; done < ends_.size() && ends_[done].end_ns <= complete_until_ns_; ++done) {
    if (std::optional<StartedSend> send = sends_.end(ends_[done]))
      finish(finished, finish_send(*send, ends_[done]));
  }
  ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(done));
}

void SpanAssembler::finish(std::vector<Span>& finished, Span span) {
  finished.push_back(std::move(span));
  ++counts_.finished;
}

void SpanAssembler::finish_consumes(std::vector<Span>& finished) {
  for (auto entry = consumes_.begin(); entry != consumes_.end();) {
    PendingConsume& consume = entry->second;
    const bool complete = consume.started && consume.ended;
    const bool all_messages = consume.messages.size() >= consume.end.message_count;
    if (complete && (all_messages || consume.rounds_after_end > 0)) {
      finish(finished, finish_consume(consume, consume.end.end_ns, false));
      entry = consumes_.erase(entry);
      continue;
    }
    if (consume.ended) ++consume.rounds_after_end;
    const bool forgotten = !consume.started && last_sign_ns_ > consume.last_sign_ns + kForgetAfterNs;
    entry = forgotten ? consumes_.erase(entry) : std::next(entry);
  }
}

void SpanAssembler::close_clients(std::vector<Span>& finished) {
  const auto is_open = [this](const segment::ClientClosed& closed) {
    return closed.time_ns > complete_until_ns_;
  };
  const auto first_open = std::stable_partition(closed_.begin(), closed_.end(), std::not_fn(is_open));
  for (auto closed = closed_.begin(); closed != first_open; ++closed) {
    for (const StartedSend& send : sends_.take_client(closed->client)) {
      finish(finished,
             finish_unanswered(send, closed->time_ns,
                               {"_DESTROY", "the producer was destroyed before this message was answered"},
                               false));
    }
    offset_trust_.forget(closed->client);
    clusters_.erase(closed->client);
  }
  closed_.erase(closed_.begin(), first_open);
}

void SpanAssembler::end_host(std::vector<Span>& finished) {
  end_round(finished);
  end_round(finished);
  for (const StartedSend& send : sends_.take_all()) {
    finish(finished, finish_unanswered(send, last_sign_ns_,
                                       {"_OTHER", "the process ended before the broker answered"}, true));
  }
  for (auto& [operation, consume] : consumes_) {
    if (!consume.started) continue;
    finish(finished, finish_consume(consume, last_sign_ns_, true));
  }
  consumes_.clear();
}

SendOperation SpanAssembler::operation_of(const StartedSend& send) {
  const segment::SendStarted& record = send.record;
  SendOperation operation;
  operation.context = from_record(record.context);
  operation.parent = {record.parent_span_id};
  Tail tail{send.tail};
  if (const std::string link = tail.take(link_size(record)); !link.empty()) {
    segment::RecordContext context;
    std::memcpy(&context, link.data(), sizeof context);
    operation.link = from_record(context);
  }
  operation.key = key_of(record.bits, tail.take(record.key_size));
  operation.trace_state = tail.take(record.tracestate_size);
  operation.start_unix_ns = clock_.to_unix_ns(record.start_ns);
  operation.injected = (record.bits & bits::kInjected) != 0;
  operation.topic = definitions_.text(record.topic, DefinitionKind::kTopic);
  operation.tombstone = (record.bits & bits::kTombstone) != 0;
  return operation;
}

Span SpanAssembler::finish_send(const StartedSend& send, const segment::SendEnded& end) {
  const segment::SendStarted& start = send.record;
  const ClientView client = client_view(start.profile, start.client);
  SendOperation operation = operation_of(send);
  operation.end_unix_ns = clock_.to_unix_ns(end.end_ns);
  operation.partition = end.partition;
  operation.persistence = end.persistence;
  if (end.error != 0) {
    operation.failure = failure_of(end.error);
  } else {
    const bool has_run = offset_trust_.trust({start.client, start.topic, end.partition}, end.offset);
    const bool may_trust =
        end.persistence == segment::Persistence::kPersisted && client.profile->acks.value_or(-1) != 0;
    if (has_run && may_trust) operation.offset = end.offset;
  }
  if (end.broker != 0)
    operation.broker = parse_server(definitions_.text(end.broker, DefinitionKind::kBroker));
  if (end.request_ns >= start.start_ns && end.request_ns <= end.end_ns) {
    operation.queue_time_ms = milliseconds(start.start_ns, end.request_ns);
    operation.broker_time_ms = milliseconds(end.request_ns, end.end_ns);
  }
  return send_span(operation, client, limits_);
}

Span SpanAssembler::finish_unanswered(const StartedSend& send, std::uint64_t end_ns, Failure failure,
                                      bool unfinished) {
  SendOperation operation = operation_of(send);
  operation.end_unix_ns = clock_.to_unix_ns(std::max(end_ns, send.record.start_ns));
  operation.failure = std::move(failure);
  operation.unfinished = unfinished;
  return send_span(operation, client_view(send.record.profile, send.record.client), limits_);
}

Span SpanAssembler::finish_consume(PendingConsume& consume, std::uint64_t end_ns, bool unfinished) {
  const segment::ConsumeStarted& start = consume.start;
  ConsumeOperation operation;
  operation.kind = start.kind;
  operation.context = from_record(start.context);
  operation.parent = {start.parent_span_id};
  operation.parent_is_remote = (start.bits & bits::kParentRemote) != 0;
  operation.trace_state = std::move(consume.tracestate);
  operation.start_unix_ns = clock_.to_unix_ns(start.start_ns);
  operation.end_unix_ns = clock_.to_unix_ns(std::max(end_ns, start.start_ns));
  operation.batch = (start.bits & bits::kBatch) != 0;
  operation.message_count =
      consume.ended ? consume.end.message_count : static_cast<std::uint32_t>(consume.messages.size());
  operation.messages = std::move(consume.messages);
  operation.unfinished = unfinished;
  return consume_span(operation, client_view(start.profile, start.client), limits_);
}

ClientView SpanAssembler::client_view(std::uint32_t profile, std::uint32_t client) {
  auto known = profiles_.find(profile);
  if (known == profiles_.end()) {
    known =
        profiles_.emplace(profile, parse_client_profile(definitions_.text(profile, DefinitionKind::kClient)))
            .first;
  }
  const auto cluster = clusters_.find(client);
  return {&known->second, cluster == clusters_.end() ? std::string{} : cluster->second};
}

Failure SpanAssembler::failure_of(std::uint32_t error) {
  const std::string_view text = definitions_.text(error, DefinitionKind::kError);
  const std::size_t end = text.find('\0');
  if (text.empty() || end == std::string_view::npos) return {"_OTHER", "the error's name is not known"};
  return {std::string{text.substr(0, end)}, std::string{text.substr(end + 1)}};
}

}  // namespace waybill::telemetry
