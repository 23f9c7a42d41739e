#include "waybill/analysis/internal/send_error.h"

#include <algorithm>
#include <array>

namespace waybill::analysis {
namespace {

using evidence::Persistence;

struct KnownError {
  std::string_view name;
  std::string_view cause;
  SendEnd end;
  bool is_by_client;  // where the client says that nothing persisted: whether it gave up, or a broker refused
};

constexpr auto kRejected = SendEnd::kRejected;
constexpr auto kRefused = SendEnd::kRefused;
constexpr auto kOpen = SendEnd::kPossiblyPersisted;

constexpr std::array kKnownErrors = {
    KnownError{"_QUEUE_FULL", "queue_full", kRejected, true},
    KnownError{"MSG_SIZE_TOO_LARGE", "too_large", kRejected, true},
    KnownError{"_UNKNOWN_TOPIC", "unknown_topic", kRejected, true},
    KnownError{"_UNKNOWN_PARTITION", "unknown_partition", kRejected, true},
    KnownError{"_PURGE_QUEUE", "purged", kRejected, true},
    KnownError{"_PURGE_INFLIGHT", "purged_in_flight", kOpen, true},
    KnownError{"_MSG_TIMED_OUT", "message_timed_out", kOpen, true},
    KnownError{"_DESTROY", "producer_destroyed", kOpen, true},
    KnownError{"_FENCED", "fenced", kOpen, true},
    KnownError{"_FATAL", "fatal_error", kOpen, true},
    KnownError{"_TRANSPORT", "broker_away", kOpen, true},
    KnownError{"RECORD_LIST_TOO_LARGE", "too_large", kRefused, false},
    KnownError{"INVALID_MSG", "invalid_record", kRefused, false},
    KnownError{"INVALID_RECORD", "invalid_record", kRefused, false},
    KnownError{"INVALID_TIMESTAMP", "invalid_timestamp", kRefused, false},
    KnownError{"INVALID_REQUIRED_ACKS", "invalid_acks", kRefused, false},
    KnownError{"POLICY_VIOLATION", "policy_violation", kRefused, false},
    KnownError{"TOPIC_AUTHORIZATION_FAILED", "not_authorized", kRefused, false},
    KnownError{"CLUSTER_AUTHORIZATION_FAILED", "not_authorized", kRefused, false},
    KnownError{"TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "not_authorized", kRefused, false},
    KnownError{"UNKNOWN_TOPIC_OR_PART", "unknown_topic", kRefused, false},
    KnownError{"NOT_ENOUGH_REPLICAS", "not_enough_replicas", kRefused, false},
    KnownError{"NOT_ENOUGH_REPLICAS_AFTER_APPEND", "not_enough_replicas", kOpen, false},
    KnownError{"INVALID_PRODUCER_EPOCH", "fenced", kRefused, false},
    KnownError{"PRODUCER_FENCED", "fenced", kRefused, false},
    // Java
    KnownError{"BufferExhaustedException", "queue_full", kRejected, true},
    KnownError{"RecordTooLargeException", "too_large", kRejected, true},
    KnownError{"SerializationException", "not_serialized", kRejected, true},
    KnownError{"TimeoutException", "message_timed_out", kOpen, true},
    KnownError{"TopicAuthorizationException", "not_authorized", kRefused, false},
    KnownError{"ClusterAuthorizationException", "not_authorized", kRefused, false},
    KnownError{"InvalidTopicException", "unknown_topic", kRejected, true},
    KnownError{"NotEnoughReplicasException", "not_enough_replicas", kRefused, false},
    KnownError{"NotEnoughReplicasAfterAppendException", "not_enough_replicas", kOpen, false},
    KnownError{"ProducerFencedException", "fenced", kOpen, false},
};

// "org.apache.kafka.common.errors.TimeoutException" is a TimeoutException.
std::string_view without_package(std::string_view error) {
  const auto dot = error.find_last_of(".$:");
  return dot == std::string_view::npos ? error : error.substr(dot + 1);
}

const KnownError* find(std::string_view error) {
  const std::string_view name = without_package(error);
  const auto* found = std::find_if(kKnownErrors.begin(), kKnownErrors.end(),
                                   [&](const KnownError& known) { return known.name == name; });
  return found == kKnownErrors.end() ? nullptr : found;
}

// _BAD_MSG becomes bad_msg.
std::string as_cause(std::string_view error) {
  std::string cause(without_package(error));
  if (cause.starts_with('_')) cause.erase(0, 1);
  std::transform(cause.begin(), cause.end(), cause.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  });
  return cause;
}

SendEnd end_of(const KnownError* known, std::string_view error, Persistence persistence) {
  switch (persistence) {
    case Persistence::kPersisted:
      return SendEnd::kAcknowledged;
    case Persistence::kPossiblyPersisted:
      return SendEnd::kPossiblyPersisted;
    case Persistence::kNotPersisted:
      if (known != nullptr) return known->is_by_client ? SendEnd::kRejected : SendEnd::kRefused;
      return error.starts_with('_') ? SendEnd::kRejected : SendEnd::kRefused;
    case Persistence::kUnknown:
      break;
  }
  return known != nullptr ? known->end : SendEnd::kPossiblyPersisted;
}

}  // namespace

SendFate fate_of_send(std::string_view error, Persistence persistence) {
  if (error.empty()) return {};
  const KnownError* known = find(error);
  const SendEnd end = end_of(known, error, persistence);
  if (end == SendEnd::kAcknowledged) return {};
  return {.end = end, .cause = known != nullptr ? std::string(known->cause) : as_cause(error)};
}

}  // namespace waybill::analysis
