#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "waybill/observe/open_transaction.h"

namespace waybill::observe {

// What a door knows about a client when it is made. Texts are borrowed for the call.
struct ClientFacts {
  bool producer = false;
  bool sees_end_of_processing = false;  // the door sees the next poll and rd_kafka_message_destroy
  std::string_view client_id;
  std::string_view group_id;
  std::string_view servers;  // bootstrap servers as configured
  std::string_view library_version;
  std::string_view acks;
  std::string_view transactional_id;
  std::string_view isolation_level;
  std::string_view security_protocol;
  std::string_view max_poll_interval_ms;
  std::uint64_t message_max_bytes = 0;
};

// Produce requests that one broker has not answered yet. Requests and answers pair first in, first out on the
// broker's thread; the correlation id that interceptors see is always 0 (librdkafka up to 2.15). Owned by
// that thread.
struct BrokerRequests {
  static constexpr std::uint32_t kRoom = 64;

  std::uint64_t broker_plus_1;  // 0: free
  std::uint64_t sent_count;
  std::uint64_t answered_count;
  std::uint64_t sent_ns[kRoom];

  void sent(std::uint64_t now_ns) { sent_ns[sent_count++ % kRoom] = now_ns; }

  // When the request left that is answered now; 0: not known, because more than kRoom were in flight or the
  // order is lost by a time-out or a broken connection.
  std::uint64_t answered(bool failed) {
    if (failed) answered_count = sent_count;
    if (answered_count == sent_count) return 0;
    const bool known = sent_count - answered_count <= kRoom;
    const std::uint64_t time = sent_ns[answered_count % kRoom];
    ++answered_count;
    return known ? time : 0;
  }
};

// A Kafka client while it lives. In zeroed memory; all zero is "free". The fields do not change between open
// and close, but for the brokers (each owned by its thread) and `cluster_known`.
struct Client {
  static constexpr std::uint32_t kBrokers = 32;
  static constexpr std::size_t kMaxGroup = 255;

  std::uint32_t in_use;
  std::uint32_t number;   // never used twice in a process, nor by its children; 0: free
  std::uint32_t profile;  // definition
  std::uint32_t cluster_known;
  std::uint64_t destroyed_ns;  // when librdkafka began to destroy it; 0: it has not
  // 1: a sampled message has left without any header, so that an acknowledged one without headers may be
  // sampled.
  std::uint32_t sampled_without_headers;
  bool producer;
  bool sees_end_of_processing;
  std::uint8_t group_size;
  char group_text[kMaxGroup];  // of a consumer; longer names are cut
  std::uint64_t message_max_bytes;
  std::uint64_t looked_at_partitions_ns;
  BrokerRequests brokers[kBrokers];
  OpenTransaction transaction;  // of a producer

  std::string_view group() const { return {group_text, group_size}; }
};

}  // namespace waybill::observe
