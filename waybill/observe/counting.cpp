// The room's part for metrics: what is counted in the segment's cells, whether it is sampled or not.

#include <algorithm>

#include "waybill/base/clock.h"
#include "waybill/base/shared_word.h"
#include "waybill/observe/room.h"
#include "waybill/observe/thread_state.h"

namespace waybill::observe {

using base::shared;
using segment::CellHistogram;
using segment::CellKind;
using segment::MetricCell;

namespace {

using segment::PartitionCell;

constexpr std::uint64_t kClocksAgreeForNs = 1'000'000'000;

void add(std::uint64_t& word, std::uint64_t amount) {
  shared(word).fetch_add(amount, std::memory_order_relaxed);
}

// As it stands in the key of a cell.
std::uint32_t partition_in_key(const segment::PackedSettings& settings, std::int32_t partition) {
  return settings.count_partitions() ? static_cast<std::uint32_t>(partition) + 1 : 0;
}

template <std::size_t kBounds>
void add_time(CellHistogram& histogram, const std::array<std::uint64_t, kBounds>& bounds, std::uint64_t us) {
  static_assert(kBounds < CellHistogram::kBuckets);
  std::size_t bucket = 0;
  while (bucket < kBounds && us > bounds[bucket]) ++bucket;
  add(histogram.sum_us, us);
  add(histogram.buckets[bucket], 1);
}

// The time of day at `now_ns` of the monotonic clock. The two clocks are compared once a second, because
// reading both for each message costs.
std::int64_t time_of_day_ns(std::uint64_t now_ns) {
  ThreadState& thread = thread_state;
  if (now_ns - thread.clocks_compared_ns > kClocksAgreeForNs) {
    thread.clocks_compared_ns = now_ns;
    thread.time_of_day_ahead_ns = static_cast<std::int64_t>(base::realtime_ns() - base::monotonic_ns());
  }
  return static_cast<std::int64_t>(now_ns) + thread.time_of_day_ahead_ns;
}

// Up to where there is a message for each offset, so that the lag that is made of it is never above the
// truth; -1: nobody knows. Transaction markers and aborted and compacted records have offsets too, and one
// may be the log's last: so a client that gets messages is believed to be behind when the second look finds
// it so.
std::int64_t end_of_messages(PartitionCell& cell, const PartitionFacts& facts) {
  const auto is_behind = shared(cell.is_behind);
  const bool was_behind = is_behind.load(std::memory_order_relaxed) != 0;
  is_behind.store(facts.has_all ? 0 : 1, std::memory_order_relaxed);
  const auto empty_until = shared(cell.empty_until);
  if (facts.has_all) empty_until.store(facts.log_end, std::memory_order_relaxed);
  const std::int64_t known_empty = empty_until.load(std::memory_order_relaxed);
  if (known_empty == facts.log_end) return facts.position;
  const bool skips = shared(cell.skips).load(std::memory_order_relaxed) != 0;
  return skips || !was_behind || facts.position < known_empty ? -1 : facts.log_end;
}

}  // namespace

void Room::count_answer(const Client& client, const Acknowledgement& acknowledgement) {
  const segment::PackedSettings settings = this->settings();
  if (!settings.counts()) return;
  ThreadState& thread = thread_state;
  const bool answered =
      acknowledgement.error == 0 && thread.answered_ns != 0 && thread.request_client == client.number;
  const std::uint32_t topic = acknowledgement.topic.empty() ? 0 : topic_of(acknowledgement.topic);
  MetricCell* cell =
      writer_.cells().find({CellKind::kSend, client.profile, topic, answered ? thread.request_broker : 0,
                            acknowledgement.error, partition_in_key(settings, acknowledgement.partition)},
                           thread.send_cell);
  if (cell == nullptr) return;
  add(cell->count, 1);
  add(cell->bytes, acknowledgement.size);
  if (acknowledgement.latency_us < 0) return;
  const auto latency_us = static_cast<std::uint64_t>(acknowledgement.latency_us);
  add_time(cell->histograms[0], segment::kDurationBoundsUs, latency_us);
  if (!answered || thread.request_ns == 0) return;
  const std::uint64_t broker_us = std::min((thread.answered_ns - thread.request_ns) / 1000, latency_us);
  add_time(cell->histograms[1], segment::kDurationBoundsUs, latency_us - broker_us);
  add_time(cell->histograms[2], segment::kDurationBoundsUs, broker_us);
}

void Room::count_failed_request(const Client& client, std::uint32_t broker, std::uint32_t error) {
  if (!counts()) return;
  std::uint32_t hint = 0;
  MetricCell* cell = writer_.cells().find({CellKind::kFailedRequest, client.profile, 0, broker, error}, hint);
  if (cell != nullptr) add(cell->count, 1);
}

std::uint32_t Room::count_consumed(const Client& client, const IncomingMessage& message,
                                   std::uint64_t now_ns) {
  ThreadState& thread = thread_state;
  const std::uint32_t topic = topic_of(message.topic);
  MetricCell* cell = writer_.cells().find(
      {CellKind::kConsume, client.profile, topic, 0, 0, partition_in_key(settings(), message.partition)},
      thread.consume_cell);
  if (cell != nullptr) {
    add(cell->count, 1);
    add(cell->bytes, message.body_size + message.key_size);
    if (message.timestamp_ms >= 0) {
      const std::int64_t age_ns = time_of_day_ns(now_ns) - message.timestamp_ms * 1'000'000;
      add_time(cell->histograms[0], segment::kAgeBoundsUs,
               static_cast<std::uint64_t>(std::max<std::int64_t>(age_ns, 0)) / 1000);
    }
  }
  note_position(client, topic, message, now_ns);
  return topic;
}

void Room::note_position(const Client& client, std::uint32_t topic, const IncomingMessage& message,
                         std::uint64_t now_ns) {
  segment::PartitionCell* cell =
      writer_.cells().find_partition(client.number, topic, message.partition, client.profile);
  if (cell == nullptr) return count(segment::HostCounter::kPartitionsNotObserved);
  const std::int64_t expected = shared(cell->position).load(std::memory_order_relaxed);
  if (expected >= 0 && message.offset > expected) shared(cell->skips).store(1, std::memory_order_relaxed);
  if (message.offset < shared(cell->empty_until).load(std::memory_order_relaxed))
    shared(cell->empty_until).store(-1, std::memory_order_relaxed);  // the partition was only paused
  shared(cell->position).store(message.offset + 1, std::memory_order_relaxed);
  shared(cell->position_ns).store(now_ns, std::memory_order_relaxed);
  if (shared(cell->revoked).load(std::memory_order_relaxed) != 0)
    shared(cell->revoked).store(0, std::memory_order_relaxed);
}

void Room::count_poll(const PollFrame& frame, std::uint64_t end_ns, std::uint32_t error) {
  const segment::PackedSettings settings = this->settings();
  if (!settings.counts()) return;
  MetricCell* cell = writer_.cells().find(
      {CellKind::kPoll, frame.profile, frame.topic, 0, error, partition_in_key(settings, frame.partition)},
      thread_state.poll_cell);
  if (cell == nullptr) return;
  add(cell->count, 1);
  add_time(cell->histograms[0], segment::kDurationBoundsUs, (end_ns - frame.start_ns) / 1000);
}

void Room::count_processing(const ProcessedMessages& processed, std::uint64_t end_ns) {
  const segment::PackedSettings settings = this->settings();
  if (!settings.counts()) return;
  MetricCell* cell = writer_.cells().find({CellKind::kProcess, processed.profile, processed.topic, 0,
                                           processed.error, partition_in_key(settings, processed.partition)},
                                          thread_state.process_cell);
  if (cell == nullptr) return;
  add(cell->count, 1);
  add_time(cell->histograms[0], segment::kDurationBoundsUs, (end_ns - processed.start_ns) / 1000);
}

void Room::count_settlement(const Client& client, const CountedSettlement& settlement, std::uint64_t end_ns) {
  const segment::PackedSettings settings = this->settings();
  if (!settings.counts()) return;
  std::uint32_t hint = 0;
  MetricCell* cell =
      writer_.cells().find({CellKind::kSettle, client.profile, settlement.topic, 0, settlement.error,
                            partition_in_key(settings, settlement.partition)},
                           hint);
  if (cell == nullptr) return;
  add(cell->count, 1);
  add_time(cell->histograms[0], segment::kDurationBoundsUs, (end_ns - settlement.start_ns) / 1000);
}

bool Room::partitions_are_due(Client& client) {
  if (client.producer || !counts()) return false;
  const std::uint64_t now_ns = base::coarse_monotonic_ns();
  std::uint64_t last_ns = shared(client.looked_at_partitions_ns).load(std::memory_order_relaxed);
  return now_ns - last_ns >= kLookAtPartitionsEveryNs &&
         shared(client.looked_at_partitions_ns).compare_exchange_strong(last_ns, now_ns);
}

// A hand-over takes the time of the position away from that of the log end, which a look made equal.
bool Room::got_message_since_look(const Client& client) {
  bool got = false;
  writer_.cells().for_each_partition(client.number, [&](segment::PartitionCell& cell) {
    got = got || (shared(cell.revoked).load(std::memory_order_relaxed) == 0 &&
                  shared(cell.position_ns).load(std::memory_order_relaxed) !=
                      shared(cell.log_end_ns).load(std::memory_order_relaxed));
  });
  return got;
}

void Room::learn_partition(segment::PartitionCell& cell, const PartitionFacts& facts) {
  const std::uint64_t now_ns = base::monotonic_ns();
  if (facts.position < 0) {  // no longer this client's
    shared(cell.revoked).store(1, std::memory_order_relaxed);
    return;
  }
  shared(cell.position).store(facts.position, std::memory_order_relaxed);
  shared(cell.position_ns).store(now_ns, std::memory_order_relaxed);
  if (facts.log_end < 0) return;
  shared(cell.log_end).store(end_of_messages(cell, facts), std::memory_order_relaxed);
  shared(cell.log_end_ns).store(now_ns, std::memory_order_relaxed);
}

}  // namespace waybill::observe
