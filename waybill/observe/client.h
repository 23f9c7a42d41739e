#pragma once

#include <cstdint>
#include <string_view>

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
  std::uint64_t message_max_bytes = 0;
};

// Produce requests that one broker has not answered yet. Requests and answers pair first in, first out on the
// broker's thread; the correlation id that interceptors see is always 0 (librdkafka up to 2.15). Owned by
// that thread.
struct BrokerRequests {
  static constexpr std::uint32_t kRoom = 64;

  std::uint64_t broker_plus_1;  // 0: free
  std::uint32_t first;
  std::uint32_t count;
  std::uint64_t sent_ns[kRoom];

  void sent(std::uint64_t now_ns) {
    if (count == kRoom) count = 0;  // no longer in step (acks=0 has no answers): start again, without times
    sent_ns[(first + count) % kRoom] = now_ns;
    ++count;
  }

  // When the request left that is answered now; 0: not known.
  std::uint64_t answered(bool failed) {
    if (failed) count = 0;  // a time-out or a lost connection: the order is lost
    if (count == 0) return 0;
    const std::uint64_t time = sent_ns[first];
    first = (first + 1) % kRoom;
    --count;
    return time;
  }
};

// A Kafka client while it lives. In zeroed memory; all zero is "free". The fields do not change between open
// and close, but for the brokers (each owned by its thread) and `cluster_known`.
struct Client {
  static constexpr std::uint32_t kBrokers = 32;

  std::uint32_t in_use;
  std::uint32_t number;   // never used twice in a process; 0: free
  std::uint32_t profile;  // definition
  std::uint32_t cluster_known;
  bool producer;
  bool sees_end_of_processing;
  std::uint64_t message_max_bytes;
  BrokerRequests brokers[kBrokers];
};

}  // namespace waybill::observe
