#include "waybill/telemetry/span_assembler.h"

#include <algorithm>
#include <cstring>
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
constexpr std::size_t kAhead = 12;  // how many ends ahead the table is told
constexpr std::uint64_t kSweepEveryNs = 1'000'000'000;

// A host has 1,024 clients at once; one that names more is no host of ours.
constexpr std::size_t kMostClients = 16'384;

// What a span tells of the messages of its operation; more are dropped and counted with its links.
constexpr std::size_t kMostMessages = 16'384;

context::SpanContext from_record(const segment::RecordContext& record) {
  return {{record.trace_id}, {record.span_id}, record.flags};
}

double milliseconds(std::uint64_t from_ns, std::uint64_t to_ns) {
  return static_cast<double>(to_ns - from_ns) / 1e6;
}

template <typename Record>
bool read(const segment::RecordView& view, Record& record) {
  if (view.bytes.size() < sizeof record) return false;
  std::memcpy(&record, view.bytes.data(), sizeof record);
  return true;
}

// Takes texts from the end of a record, in order. That they are there was checked when the record was taken.
class Tail {
 public:
  Tail(const std::uint8_t* record, std::size_t fixed) : at_{reinterpret_cast<const char*>(record) + fixed} {}

  std::string_view take(std::size_t size) {
    const std::string_view text{at_, size};
    at_ += size;
    return text;
  }

 private:
  const char* at_;
};

std::size_t link_size(const segment::SendStarted& record) {
  return (record.bits & bits::kHasLink) != 0 ? sizeof(segment::RecordContext) : 0;
}

std::optional<std::string_view> key_of(std::uint8_t record_bits, std::string_view text) {
  if ((record_bits & bits::kHasKey) == 0 || (record_bits & bits::kKeyCut) != 0) return std::nullopt;
  return text;
}

}  // namespace

SpanAssembler::SpanAssembler(Definitions& definitions, RecordStore& records, ClockAnchor clock,
                             SpanLimits limits)
    : definitions_{definitions},
      records_{records},
      clock_{clock},
      limits_{limits},
      last_sign_ns_{clock.monotonic_ns} {}

AssemblerCounts SpanAssembler::counts() const {
  AssemblerCounts counts = counts_;
  counts.in_flight = sends_.size() + started_consumes_;
  return counts;
}

void SpanAssembler::add(const segment::RecordView& view, Place place) {
  if (accept(view, place)) return;
  ++counts_.malformed;
  records_.settle(place);
}

bool SpanAssembler::accept(const segment::RecordView& view, Place place) {
  switch (view.kind) {
    case RecordKind::kSendStarted:
      return accept_send_start(view, place);
    case RecordKind::kSendEnded: {
      segment::SendEnded record;
      if (!read(view, record)) return false;
      saw(record.end_ns);
      ends_.push_back({record.end_ns, record.message, place});
      return true;
    }
    case RecordKind::kConsumeStarted:
      return accept_consume_start(view, place);
    case RecordKind::kConsumedMessage:
      return accept_message(view, place);
    case RecordKind::kConsumeEnded:
      return accept_consume_end(view, place);
    case RecordKind::kClientClosed: {
      segment::ClientClosed record;
      if (!read(view, record)) return false;
      saw(record.time_ns);
      closed_.push_back({record.time_ns, record.client, place});
      return true;
    }
    case RecordKind::kClientCluster:
      return accept_cluster(view, place);
    case RecordKind::kPadding:
      break;
  }
  return false;
}

bool SpanAssembler::accept_send_start(const segment::RecordView& view, Place place) {
  segment::SendStarted record;
  if (!read(view, record)) return false;
  const std::size_t tail = link_size(record) + record.key_size + record.tracestate_size;
  if (view.bytes.size() < sizeof record + tail) return false;
  saw(record.start_ns);
  ++counts_.started;
  sends_.start(record, place);
  return true;
}

bool SpanAssembler::accept_consume_start(const segment::RecordView& view, Place place) {
  segment::ConsumeStarted record;
  if (!read(view, record) || view.bytes.size() < sizeof record + record.tracestate_size) return false;
  PendingConsume& consume = consumes_[record.operation];
  if (consume.start != kNoPlace) return false;
  consume.start = place;
  consume.last_sign_ns = std::max(consume.last_sign_ns, record.start_ns);
  saw(record.start_ns);
  ++counts_.started;
  ++started_consumes_;
  return true;
}

bool SpanAssembler::accept_message(const segment::RecordView& view, Place place) {
  segment::ConsumedMessage record;
  if (!read(view, record) ||
      view.bytes.size() < sizeof record + std::size_t{record.key_size} + record.tracestate_size) {
    return false;
  }
  PendingConsume& consume = consumes_[record.operation];
  consume.last_sign_ns = std::max(consume.last_sign_ns, record.hand_over_ns);
  saw(record.hand_over_ns);
  if (consume.messages.size() < kMostMessages) {
    consume.messages.push_back(place);
  } else {
    ++consume.messages_dropped;
    records_.settle(place);
  }
  return true;
}

bool SpanAssembler::accept_consume_end(const segment::RecordView& view, Place place) {
  segment::ConsumeEnded record;
  if (!read(view, record)) return false;
  PendingConsume& consume = consumes_[record.operation];
  if (consume.end != kNoPlace) return false;
  consume.end = place;
  consume.message_count = record.message_count;
  consume.last_sign_ns = std::max(consume.last_sign_ns, record.end_ns);
  ended_consumes_.push_back(record.operation);
  saw(record.end_ns);
  return true;
}

bool SpanAssembler::accept_cluster(const segment::RecordView& view, Place place) {
  segment::ClientCluster record;
  if (!read(view, record)) return false;
  const auto known = clusters_.find(record.client);
  if (known == clusters_.end() && clusters_.size() == kMostClients) return false;
  const std::string_view id = definitions_.text(record.cluster, DefinitionKind::kCluster);
  if (known != clusters_.end() && known->second.id == id) {
    records_.settle(place);  // nothing new
    return true;
  }
  Cluster& cluster = clusters_[record.client];
  if (cluster.place != kNoPlace) records_.settle(cluster.place);
  cluster = {std::string{id}, place};
  shapes_.clear();
  return true;
}

template <typename Record>
Record SpanAssembler::copy(Place place) const {
  Record record;
  std::memcpy(&record, records_.record(place), sizeof record);
  return record;
}

// What was read in the round before is complete now: of an address, each record was committed before the next
// one took its time, so whatever precedes a record that was seen then has been read by now, in whichever
// chunk it stood.
void SpanAssembler::end_round(SpanBatches& finished, Round round) {
  if (round.complete) {
    complete_until_ns_ = seen_until_ns_;
    seen_until_ns_ = last_sign_ns_;
  }
  const std::uint64_t finished_before = counts_.finished;
  pair_sends(finished, round.most_spans - round.most_spans / 4);
  settle_lost();
  round.most_spans -= counts_.finished - finished_before;
  finish_consumes(finished, round);
  if (!pairs_are_left()) close_clients(finished);
}

void SpanAssembler::give_up_oldest_sends() {
  for (const Place place : sends_.take_older_half()) {
    records_.settle(place);
    ++counts_.given_up;
  }
}

// Each thread of a host writes in the order of time, so the ends of a round are a few runs, to be merged.
void SpanAssembler::sort_ends() {
  const auto by_time = [](const PendingEnd& left, const PendingEnd& right) {
    return left.end_ns < right.end_ns;
  };
  runs_.clear();
  runs_.push_back(0);
  for (std::size_t at = 1; at < ends_.size(); ++at) {
    if (by_time(ends_[at], ends_[at - 1])) runs_.push_back(at);
  }
  runs_.push_back(ends_.size());
  const auto place = [this](std::size_t run) {
    return ends_.begin() + static_cast<std::ptrdiff_t>(runs_[std::min(run, runs_.size() - 1)]);
  };
  for (std::size_t width = 1; width + 1 < runs_.size(); width *= 2) {
    for (std::size_t run = 0; run + width + 1 < runs_.size(); run += 2 * width)
      std::inplace_merge(place(run), place(run + width), place(run + 2 * width), by_time);
  }
}

void SpanAssembler::pair_sends(SpanBatches& finished, std::size_t most) {
  sort_ends();
  pairs_.clear();
  std::size_t done = 0;
  for (; done < ends_.size() && ends_[done].end_ns <= complete_until_ns_ && pairs_.size() < most; ++done) {
    const Place end = ends_[done].place;
    if (done + kAhead < ends_.size()) sends_.expect_end(ends_[done + kAhead].message);
    if (const std::optional<Place> start = sends_.end(copy<segment::SendEnded>(end))) {
      __builtin_prefetch(records_.record(*start));
      pairs_.push_back({*start, end});
    } else {
      settle_lost();  // its start first, if that was lost
      records_.settle(end);
    }
  }
  ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(done));
  for (const Pair& pair : pairs_) {
    finish(finished, finish_send(pair.start, copy<segment::SendEnded>(pair.end)));
    finished.add_origin(pair.start);
    finished.add_origin(pair.end);
  }
}

void SpanAssembler::settle_lost() {
  for (const Place place : lost_) records_.settle(place);
  counts_.lost_ends += lost_.size();
  lost_.clear();
}

void SpanAssembler::finish(SpanBatches& finished, Span span) {
  finished.add(std::move(span), shapes_.shapes());
  ++counts_.finished;
}

void SpanAssembler::finish_consumes(SpanBatches& finished, Round round) {
  std::size_t kept = 0;
  for (const std::uint64_t operation : ended_consumes_) {
    const auto entry = consumes_.find(operation);
    if (entry == consumes_.end()) continue;
    PendingConsume& consume = entry->second;
    if (consume.end == kNoPlace) continue;
    const bool all_messages =
        consume.messages.size() + consume.messages_dropped >= std::uint64_t{consume.message_count};
    if (consume.start != kNoPlace && (all_messages || consume.waited) && round.most_spans != 0) {
      --round.most_spans;
      finish_consume(finished, consume, copy<segment::ConsumeEnded>(consume.end).end_ns, false);
      consumes_.erase(entry);
      continue;
    }
    // Its start was committed before its end, so it would have been read by now.
    if (consume.start == kNoPlace && consume.waited && round.complete) {
      forget(consume);
      consumes_.erase(entry);
      continue;
    }
    consume.waited = consume.waited || round.complete;
    ended_consumes_[kept++] = operation;
  }
  ended_consumes_.resize(kept);
  if (last_sign_ns_ - last_sweep_ns_ > kSweepEveryNs) forget_consumes_without_start();
}

void SpanAssembler::forget_consumes_without_start() {
  last_sweep_ns_ = last_sign_ns_;
  for (auto entry = consumes_.begin(); entry != consumes_.end();) {
    const PendingConsume& consume = entry->second;
    if (consume.start != kNoPlace || last_sign_ns_ <= consume.last_sign_ns + kForgetAfterNs) {
      ++entry;
      continue;
    }
    forget(consume);
    consumes_.erase(entry++);
  }
}

void SpanAssembler::forget(const PendingConsume& consume) {
  for (const Place place : consume.messages) records_.settle(place);
  if (consume.end != kNoPlace) records_.settle(consume.end);
}

void SpanAssembler::close_clients(SpanBatches& finished) {
  const auto is_complete = [this](const ClosedClient& closed) {
    return closed.time_ns <= complete_until_ns_;
  };
  const auto first_open = std::stable_partition(closed_.begin(), closed_.end(), is_complete);
  if (first_open == closed_.begin()) return;
  closed_at_.clear();
  for (auto closed = closed_.begin(); closed != first_open; ++closed)
    closed_at_.try_emplace(closed->client, closed->time_ns);
  finish_sends_of_closed(finished);
  for (auto closed = closed_.begin(); closed != first_open; ++closed) {
    offset_trust_.forget(closed->client);
    if (const auto cluster = clusters_.find(closed->client); cluster != clusters_.end()) {
      finished.add_origin(cluster->second.place);
      clusters_.erase(cluster);
    }
    finished.add_origin(closed->place);
  }
  closed_.erase(closed_.begin(), first_open);
}

// One walk over what is in flight for all clients that were closed in a round, however many.
void SpanAssembler::finish_sends_of_closed(SpanBatches& finished) {
  sends_.take_if([&](std::uint32_t client, Place start) {
    const auto closed = closed_at_.find(client);
    if (closed == closed_at_.end()) return false;
    finish(finished, finish_unanswered(start, closed->second, ShapeKey::Failed::kProducerDestroyed));
    finished.add_origin(start);
    return true;
  });
}

void SpanAssembler::end_host(SpanBatches& finished) {
  end_round(finished);
  end_round(finished);
  sends_.take_if([&](std::uint32_t, Place start) {
    finish(finished, finish_unanswered(start, last_sign_ns_, ShapeKey::Failed::kHostEnded));
    finished.add_origin(start);
    return true;
  });
  for (auto& [operation, consume] : consumes_) {
    if (consume.start != kNoPlace) {
      finish_consume(finished, consume, last_sign_ns_, true);
    } else {
      forget(consume);
    }
  }
  consumes_.clear();
  ended_consumes_.clear();
  for (const auto& [client, cluster] : clusters_) finished.add_origin(cluster.place);
  clusters_.clear();
}

SendOperation SpanAssembler::send_operation(Place place, const segment::SendStarted& start) const {
  SendOperation operation;
  operation.context = from_record(start.context);
  operation.parent = {start.parent_span_id};
  operation.start_unix_ns = clock_.to_unix_ns(start.start_ns);
  operation.tombstone = (start.bits & bits::kTombstone) != 0;
  Tail tail{records_.record(place), sizeof start};
  if (const std::string_view link = tail.take(link_size(start)); !link.empty()) {
    segment::RecordContext context;
    std::memcpy(&context, link.data(), sizeof context);
    operation.link = from_record(context);
  }
  operation.key = key_of(start.bits, tail.take(start.key_size));
  operation.trace_state = tail.take(start.tracestate_size);
  return operation;
}

Span SpanAssembler::finish_send(Place start_place, const segment::SendEnded& end) {
  const auto start = copy<segment::SendStarted>(start_place);
  SendOperation operation = send_operation(start_place, start);
  operation.end_unix_ns = clock_.to_unix_ns(end.end_ns);
  if (end.error == 0) {
    const bool has_run = offset_trust_.trust({start.client, start.topic, end.partition}, end.offset);
    const bool persisted = end.persistence == segment::Persistence::kPersisted;
    const ClientView client = client_view(start.profile, start.client);
    if (has_run && persisted && client.profile->acks.value_or(-1) != 0) operation.offset = end.offset;
  }
  if (end.request_ns >= start.start_ns && end.request_ns <= end.end_ns) {
    operation.queue_time_ms = milliseconds(start.start_ns, end.request_ns);
    operation.broker_time_ms = milliseconds(end.request_ns, end.end_ns);
  }
  const SpanShape& shape = send_shape_for({.profile = start.profile,
                                           .client = start.client,
                                           .topic = start.topic,
                                           .partition = end.partition,
                                           .broker = end.broker,
                                           .error = end.error,
                                           .persistence = static_cast<std::uint8_t>(end.persistence),
                                           .injected = (start.bits & bits::kInjected) != 0});
  return send_span(operation, shape, limits_);
}

Span SpanAssembler::finish_unanswered(Place start_place, std::uint64_t end_ns, ShapeKey::Failed reason) {
  if (dropped_ends_ > counts_.lost_ends) reason = ShapeKey::Failed::kNotKnown;
  const auto start = copy<segment::SendStarted>(start_place);
  SendOperation operation = send_operation(start_place, start);
  operation.end_unix_ns = clock_.to_unix_ns(std::max(end_ns, start.start_ns));
  const SpanShape& shape = send_shape_for({.profile = start.profile,
                                           .client = start.client,
                                           .topic = start.topic,
                                           .failed = reason,
                                           .injected = (start.bits & bits::kInjected) != 0,
                                           .unfinished = reason != ShapeKey::Failed::kProducerDestroyed});
  return send_span(operation, shape, limits_);
}

const SpanShape& SpanAssembler::send_shape_for(const ShapeKey& key) {
  return shapes_.get(key, [&] {
    SendFacts facts;
    facts.topic = definitions_.text(key.topic, DefinitionKind::kTopic);
    facts.partition = key.partition;
    facts.injected = key.injected;
    facts.persistence = static_cast<segment::Persistence>(key.persistence);
    if (key.broker != 0) facts.broker = parse_server(definitions_.text(key.broker, DefinitionKind::kBroker));
    const bool said_nothing = key.failed == ShapeKey::Failed::kAsRecorded && key.error == 0;
    if (!said_nothing && key.failed != ShapeKey::Failed::kNotKnown) facts.failure = failure_of(key);
    facts.unfinished = key.unfinished;
    return send_shape(facts, client_view(key.profile, key.client), limits_);
  });
}

void SpanAssembler::finish_consume(SpanBatches& finished, PendingConsume& consume, std::uint64_t end_ns,
                                   bool unfinished) {
  const auto start = copy<segment::ConsumeStarted>(consume.start);
  message_views_.clear();
  for (const Place place : consume.messages) message_views_.push_back(message_view(place));
  ConsumeOperation operation;
  operation.context = from_record(start.context);
  operation.parent = {start.parent_span_id};
  operation.parent_is_remote = (start.bits & bits::kParentRemote) != 0;
  operation.trace_state = Tail{records_.record(consume.start), sizeof start}.take(start.tracestate_size);
  operation.start_unix_ns = clock_.to_unix_ns(start.start_ns);
  operation.end_unix_ns = clock_.to_unix_ns(std::max(end_ns, start.start_ns));
  operation.message_count = consume.end != kNoPlace ? consume.message_count
                                                    : static_cast<std::uint32_t>(consume.messages.size()) +
                                                          consume.messages_dropped;
  operation.messages = message_views_;

  ConsumeFacts facts;
  facts.kind = start.kind;
  facts.topic = common_topic(message_views_);
  facts.partition = common_partition(message_views_);
  facts.batch = (start.bits & bits::kBatch) != 0;
  facts.unfinished = unfinished;
  const bool receive = facts.kind == segment::ConsumeOperation::kReceive;
  const ShapeKey key{
      .profile = start.profile,
      .client = start.client,
      .topic = facts.topic.empty() ? 0 : copy<segment::ConsumedMessage>(consume.messages.front()).topic,
      .partition = facts.partition,
      .operation = receive ? ShapeKey::Operation::kReceive : ShapeKey::Operation::kProcess,
      .batch = facts.batch,
      .unfinished = unfinished};
  const SpanShape& shape = shapes_.get(
      key, [&] { return consume_shape(facts, client_view(start.profile, start.client), limits_); });
  Span span = consume_span(operation, facts, shape, limits_);
  span.dropped_links_count += consume.messages_dropped;
  finish(finished, std::move(span));
  finished.add_origin(consume.start);
  for (const Place place : consume.messages) finished.add_origin(place);
  finished.add_origin(consume.end);
  --started_consumes_;
}

MessageView SpanAssembler::message_view(Place place) {
  const auto record = copy<segment::ConsumedMessage>(place);
  MessageView message;
  if ((record.bits & bits::kHasCreation) != 0) message.creation = from_record(record.creation);
  message.topic = definitions_.text(record.topic, DefinitionKind::kTopic);
  message.partition = record.partition;
  message.offset = record.offset;
  Tail tail{records_.record(place), sizeof record};
  message.key = key_of(record.bits, tail.take(record.key_size));
  message.trace_state = tail.take(record.tracestate_size);
  message.tombstone = (record.bits & bits::kTombstone) != 0;
  if (record.timestamp_ms > 0) {
    const double age_ms = static_cast<double>(clock_.to_unix_ns(record.hand_over_ns)) / 1e6 -
                          static_cast<double>(record.timestamp_ms);
    message.record_age_ms = std::max(age_ms, 0.0);  // the producer's clock may be ahead of ours
  }
  return message;
}

ClientView SpanAssembler::client_view(std::uint32_t profile, std::uint32_t client) {
  if (profiles_.size() == kMostClients) profiles_.clear();
  std::unique_ptr<ClientProfile>& known = profiles_[profile];
  if (known == nullptr) {
    known = std::make_unique<ClientProfile>(
        parse_client_profile(definitions_.text(profile, DefinitionKind::kClient)));
  }
  const auto cluster = clusters_.find(client);
  return {known.get(), cluster == clusters_.end() ? std::string_view{} : cluster->second.id};
}

Failure SpanAssembler::failure_of(const ShapeKey& key) {
  if (key.failed == ShapeKey::Failed::kProducerDestroyed)
    return {"_DESTROY", "the producer was destroyed before this message was answered"};
  if (key.failed == ShapeKey::Failed::kHostEnded)
    return {"_OTHER", "the process ended before the broker answered"};
  const std::string_view text = definitions_.text(key.error, DefinitionKind::kError);
  const std::size_t end = text.find('\0');
  if (text.empty() || end == std::string_view::npos) return {"_OTHER", "the error's name is not known"};
  return {std::string{text.substr(0, end)}, std::string{text.substr(end + 1)}};
}

}  // namespace waybill::telemetry
