#include "waybill/lag/rest_reader.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <span>

namespace waybill::lag {
namespace {

using internal::Message;
using internal::Queue;
using internal::Topic;

// Each partition that is read holds as much memory as librdkafka fetches ahead.
constexpr std::size_t kMostAtOnce = 16;
// What the protocol puts around a record, about.
constexpr std::uint64_t kRecordOverhead = 32;

struct Piece {
  ReadRequest request;
  ReadResult* result = nullptr;
};

// Partitions that are read together. Each stands once: librdkafka reads a partition at one place only.
class Wave {
 public:
  Wave(rd_kafka_t* client, std::span<const Piece> pieces);
  ~Wave();
  Wave(const Wave&) = delete;
  Wave& operator=(const Wave&) = delete;

  // Takes what comes until all is read, or `until`. Returns how many bytes came.
  std::uint64_t run(std::chrono::steady_clock::time_point until, std::uint64_t most_bytes,
                    const std::stop_token& stop);

 private:
  // A partition that is being read; its handle says where a message belongs.
  struct Open {
    Topic topic;
    Piece piece;
  };

  void take(const rd_kafka_message_t& message);
  void take_record(Open& open, const rd_kafka_message_t& message);
  void close(std::map<TopicPartition, Open>::iterator place);

  Queue queue_;
  std::map<TopicPartition, Open> open_;
  std::uint64_t bytes_ = 0;
};

Wave::Wave(rd_kafka_t* client, std::span<const Piece> pieces) : queue_{rd_kafka_queue_new(client)} {
  for (const Piece& piece : pieces) {
    const auto& [topic_name, partition] = piece.request.at;
    Topic topic{rd_kafka_topic_new(client, topic_name.c_str(), nullptr)};
    if (!topic) continue;
    if (rd_kafka_consume_start_queue(topic.get(), partition, piece.request.from, queue_.get()) == 0)
      open_.emplace(piece.request.at, Open{std::move(topic), piece});
  }
}

Wave::~Wave() {
  while (!open_.empty()) close(open_.begin());
}

std::uint64_t Wave::run(std::chrono::steady_clock::time_point until, std::uint64_t most_bytes,
                        const std::stop_token& stop) {
  constexpr int kSliceMs = 50;
  while (!open_.empty() && bytes_ < most_bytes && !stop.stop_requested() &&
         std::chrono::steady_clock::now() < until) {
    const Message message{rd_kafka_consume_queue(queue_.get(), kSliceMs)};
    if (message) take(*message);
  }
  return bytes_;
}

void Wave::take(const rd_kafka_message_t& message) {
  if (message.rkt == nullptr) return;  // of the whole client: it tries again
  const auto place = open_.find({rd_kafka_topic_name(message.rkt), message.partition});
  if (place == open_.end()) return;
  const ReadRequest& request = place->second.piece.request;
  ReadResult& result = *place->second.piece.result;
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    take_record(place->second, message);
  } else if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    // Its offset is that of the next record, behind what is no message.
    result.reached = std::max(result.reached, std::min(request.until, message.offset));
  } else {
    close(place);  // refused, or gone
    return;
  }
  const bool enough = result.messages >= request.most_records || result.bytes >= request.most_bytes;
  if (enough || result.reached >= request.until) close(place);
}

void Wave::take_record(Open& open, const rd_kafka_message_t& message) {
  const ReadRequest& request = open.piece.request;
  ReadResult& result = *open.piece.result;
  const std::uint64_t size = message.len + message.key_len + kRecordOverhead;
  bytes_ += size;
  result.bytes += size;
  if (message.offset >= request.until) {
    result.reached = request.until;
    return;
  }
  if (result.messages++ == 0) result.oldest_ms = rd_kafka_message_timestamp(&message, nullptr);
  result.reached = message.offset + 1;
}

void Wave::close(std::map<TopicPartition, Open>::iterator place) {
  rd_kafka_consume_stop(place->second.topic.get(), place->first.partition);
  open_.erase(place);
}

// Takes pieces that can be read together out of `waiting`.
std::vector<Piece> next_wave(std::vector<Piece>& waiting) {
  std::vector<Piece> wave;
  std::vector<Piece> later;
  std::set<TopicPartition> used;
  for (Piece& piece : waiting) {
    const bool fits = wave.size() < kMostAtOnce && used.insert(piece.request.at).second;
    (fits ? wave : later).push_back(std::move(piece));
  }
  waiting = std::move(later);
  return wave;
}

}  // namespace

std::vector<ReadResult> RestReader::read(const std::vector<ReadRequest>& requests,
                                         const std::stop_token& stop) {
  std::vector<ReadResult> results(requests.size());
  std::vector<Piece> waiting;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    results[i].reached = requests[i].from;
    waiting.push_back({requests[i], &results[i]});
  }
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + limits_.time;
  std::uint64_t bytes = 0;
  while (!waiting.empty() && bytes < limits_.bytes && Clock::now() < end && !stop.stop_requested()) {
    const std::vector<Piece> pieces = next_wave(waiting);
    Wave wave{connection_.client(), pieces};
    bytes += wave.run(std::min(end, Clock::now() + limits_.time_together), limits_.bytes - bytes, stop);
  }
  return results;
}

}  // namespace waybill::lag
