// Stand-ins for librdkafka's messages: the same number of separately allocated pieces, so that cold lines cost
// what they cost there. Addresses are shuffled, and a freed message is the next one to be used, as with malloc.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <vector>

namespace bench::matching {

struct FakeHeader {
  std::array<char, 32> name;
  std::unique_ptr<std::array<char, 64>> value;
};

struct FakeHeaders {
  std::array<char, 40> list;
  std::unique_ptr<FakeHeader> first;
};

struct FakeMessage {
  std::int32_t error;
  std::int32_t partition;
  std::int64_t offset;
  std::uint32_t serial;
  std::uint32_t padding;
  std::array<char, 200> private_part;
  std::unique_ptr<FakeHeaders> headers;
  std::array<char, 100> payload;
};

using Batch = std::vector<FakeMessage*>;

inline void write_traceparent(FakeMessage& message, std::uint64_t span_id) {
  static constexpr char kDigits[] = "0123456789abcdef";
  char* value = message.headers->first->value->data();
  std::memcpy(value, "00-0af7651916cd43dd8448eb211c80319c-................-03", 55);
  for (int digit = 0; digit < 16; ++digit) value[36 + digit] = kDigits[(span_id >> (60 - 4 * digit)) & 15];
}

// Zero when the message carries no sampled context.
inline std::uint64_t read_span_id(const char* value) {
  std::uint64_t span_id = 0;
  for (int digit = 0; digit < 16; ++digit) {
    const char c = value[36 + digit];
    span_id = span_id << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return (value[54] & 1) != 0 ? span_id : 0;
}

inline std::uint64_t read_span_id(const FakeMessage& message) {
  const FakeHeader& header = *message.headers->first;
  if (std::memcmp(header.name.data(), "traceparent", 12) != 0) return 0;
  return read_span_id(header.value->data());
}

// Free messages, last in first out, in batches. Thread-safe.
class FakeHeap {
 public:
  FakeHeap(std::size_t messages, std::size_t batch_size) {
    for (std::size_t index = 0; index < messages; ++index) all_.push_back(make());
    std::vector<FakeMessage*> order;
    for (const auto& message : all_) order.push_back(message.get());
    std::shuffle(order.begin(), order.end(), std::mt19937_64(7));
    for (std::size_t at = 0; at < messages; at += batch_size) {
      free_.emplace_back(order.begin() + at, order.begin() + std::min(at + batch_size, messages));
    }
  }

  bool allocate(Batch& batch) {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return false;
    batch = std::move(free_.back());
    free_.pop_back();
    return true;
  }

  void release(Batch batch) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(batch));
  }

 private:
  static std::unique_ptr<FakeMessage> make() {
    auto message = std::make_unique<FakeMessage>();
    message->headers = std::make_unique<FakeHeaders>();
    message->headers->first = std::make_unique<FakeHeader>();
    std::memcpy(message->headers->first->name.data(), "traceparent", 12);
    message->headers->first->value = std::make_unique<std::array<char, 64>>();
    return message;
  }

  std::vector<std::unique_ptr<FakeMessage>> all_;
  std::mutex mutex_;
  std::vector<Batch> free_;
};

// What is in flight, first in first out. Thread-safe.
class InFlightQueue {
 public:
  void push(Batch batch) {
    const std::lock_guard lock(mutex_);
    batches_.push_back(std::move(batch));
  }
  // False when not more than `keep` batches are in flight.
  bool pop(std::size_t keep, Batch& batch) {
    const std::lock_guard lock(mutex_);
    if (batches_.size() <= keep) return false;
    batch = std::move(batches_.front());
    batches_.pop_front();
    return true;
  }

 private:
  std::mutex mutex_;
  std::deque<Batch> batches_;
};

}  // namespace bench::matching
