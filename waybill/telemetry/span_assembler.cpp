#include "waybill/telemetry/span_assembler.h"

#include <algorithm>

#include "waybill/telemetry/record_text.h"

namespace waybill::telemetry {

using segment::RecordKind;

SpanAssembler::SpanAssembler(Definitions& definitions, RecordStore& records, ClockAnchor clock,
                             SpanLimits limits)
    : host_{definitions, records, clock, limits}, last_sign_ns_{clock.monotonic_ns} {}

AssemblerCounts SpanAssembler::counts() const {
  AssemblerCounts counts = sends_.counts();
  counts += consumes_.counts();
  counts += wholes_.counts();
  counts.malformed += malformed_;
  return counts;
}

void SpanAssembler::add(const segment::RecordView& view, Place place) {
  const std::optional<std::uint64_t> time_ns = accept(view, place);
  if (!time_ns) {
    ++malformed_;
    host_.records().settle(place);
    return;
  }
  last_sign_ns_ = std::max(last_sign_ns_, *time_ns);
}

std::optional<std::uint64_t> SpanAssembler::accept(const segment::RecordView& view, Place place) {
  switch (view.kind) {
    case RecordKind::kSendStarted:
      return sends_.start(view, place);
    case RecordKind::kSendEnded:
      return sends_.end(view, place);
    case RecordKind::kConsumeStarted:
      return consumes_.start(view, place);
    case RecordKind::kConsumedMessage:
      return consumes_.message(view, place);
    case RecordKind::kSingleConsumed:
      return consumes_.single(view, place);
    case RecordKind::kConsumeEnded:
      return consumes_.end(view, place);
    case RecordKind::kWholeOperation:
      return wholes_.accept(view, place);
    case RecordKind::kClientClosed:
      return accept_closed(view, place);
    case RecordKind::kClientCluster:
      return accept_cluster(view, place);
    case RecordKind::kPadding:
      break;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> SpanAssembler::accept_closed(const segment::RecordView& view, Place place) {
  const auto record = fixed_part<segment::ClientClosed>(view);
  if (!record) return std::nullopt;
  closed_.push_back({record->time_ns, record->client, place});
  return record->time_ns;
}

std::optional<std::uint64_t> SpanAssembler::accept_cluster(const segment::RecordView& view, Place place) {
  const auto record = fixed_part<segment::ClientCluster>(view);
  if (!record || !host_.learn_cluster(*record, place)) return std::nullopt;
  return 0;  // it tells no time
}

// What was read in the round before is complete now: of an address, each record was committed before the next
// one took its time, so whatever precedes a record that was seen then has been read by now, in whichever
// chunk it stood.
void SpanAssembler::end_round(SpanBatches& finished, Round round) {
  if (round.complete) {
    complete_until_ns_ = seen_until_ns_;
    seen_until_ns_ = last_sign_ns_;
  }
  const std::uint64_t wholes_before = wholes_.counts().finished;
  wholes_.finish(round.most_spans - round.most_spans / 8 * 7, finished);
  round.most_spans -= wholes_.counts().finished - wholes_before;
  const std::uint64_t finished_before = sends_.counts().finished;
  sends_.finish_until(complete_until_ns_, round.most_spans - round.most_spans / 4, finished);
  const std::uint64_t of_sends = sends_.counts().finished - finished_before;
  const std::uint64_t consumed_before = consumes_.counts().finished;
  consumes_.finish_ended(round.complete, round.most_spans - of_sends, last_sign_ns_, finished);
  const std::uint64_t used = of_sends + consumes_.counts().finished - consumed_before;
  if (used < round.most_spans) wholes_.finish(round.most_spans - used, finished);  // what the others leave
  if (!sends_.has_more(complete_until_ns_) && !wholes_.has_more()) close_clients(finished);
}

void SpanAssembler::close_clients(SpanBatches& finished) {
  const auto is_complete = [this](const ClosedClient& closed) {
    return closed.time_ns <= complete_until_ns_;
  };
  const auto first_open = std::stable_partition(closed_.begin(), closed_.end(), is_complete);
  if (first_open == closed_.begin()) return;
  SendAssembler::ClosedClients closed_at;
  for (auto closed = closed_.begin(); closed != first_open; ++closed)
    closed_at.try_emplace(closed->client, closed->time_ns);
  sends_.finish_closed(closed_at, finished);
  for (auto closed = closed_.begin(); closed != first_open; ++closed) {
    finished.add_origin(host_.forget_client(closed->client));
    finished.add_origin(closed->place);
  }
  closed_.erase(closed_.begin(), first_open);
}

bool SpanAssembler::end_host(SpanBatches& finished, std::size_t most_sends) {
  end_round(finished);
  end_round(finished);
  if (!sends_.finish_all(last_sign_ns_, most_sends, finished)) return false;
  consumes_.finish_all(last_sign_ns_, finished);
  for (const Place place : host_.forget_all_clients()) finished.add_origin(place);
  return true;
}

}  // namespace waybill::telemetry
