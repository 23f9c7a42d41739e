#pragma once

#include <cstdint>
#include <utility>

namespace waybill::telemetry {

// What a span's shape follows from, in the numbers of a host's records.
struct ShapeKey {
  enum class Operation : std::uint8_t {
    kSend,
    kReceive,
    kProcess,
    kSettle,
    kTransaction,
    kSendBatch,
    kFailedPoll
  };
  // Why a send has no answer, beyond what librdkafka said.
  enum class Failed : std::uint8_t { kAsRecorded, kProducerDestroyed, kHostEnded, kNotKnown };

  std::uint32_t profile = 0;
  std::uint32_t client = 0;
  std::uint32_t topic = 0;
  std::int32_t partition = -1;
  std::uint32_t broker = 0;
  std::uint32_t error = 0;
  Operation operation = Operation::kSend;
  Failed failed = Failed::kAsRecorded;
  std::uint8_t persistence = 0;
  std::uint8_t outcome = 0;  // of a transaction
  bool injected = false;
  bool batch = false;
  bool unfinished = false;

  friend bool operator==(const ShapeKey&, const ShapeKey&) = default;

  template <typename Hash>
  friend Hash AbslHashValue(Hash hash, const ShapeKey& key) {
    const auto pair = [](std::uint32_t high, std::uint32_t low) {
      return static_cast<std::uint64_t>(high) << 32U | low;
    };
    const auto small =
        static_cast<std::uint32_t>(key.outcome) << 20U | static_cast<std::uint32_t>(key.operation) << 16U |
        static_cast<std::uint32_t>(key.failed) << 12U | static_cast<std::uint32_t>(key.persistence) << 4U |
        static_cast<std::uint32_t>(key.injected) << 2U | static_cast<std::uint32_t>(key.batch) << 1U |
        static_cast<std::uint32_t>(key.unfinished);
    return Hash::combine(std::move(hash), pair(key.profile, key.client),
                         pair(key.topic, static_cast<std::uint32_t>(key.partition)),
                         pair(key.broker, key.error), small);
  }
};

}  // namespace waybill::telemetry
