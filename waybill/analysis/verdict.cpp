#include "waybill/analysis/verdict.h"

namespace waybill::analysis {

std::string_view name_of(State state) {
  switch (state) {
    case State::kUnknown:
      return "unknown";
    case State::kNeverSent:
      return "never_sent";
    case State::kAmbiguous:
      return "ambiguous";
    case State::kAborted:
      return "aborted";
    case State::kLostByBroker:
      return "lost_by_broker";
    case State::kExpired:
      return "expired";
    case State::kSkipped:
      return "skipped";
    case State::kCommittedBeforeProcessing:
      return "committed_before_processing";
    case State::kFailed:
      return "failed";
    case State::kInProgress:
      return "in_progress";
    case State::kPending:
      return "pending";
    case State::kProcessed:
      return "processed";
    case State::kDuplicated:
      return "duplicated";
    case State::kReceived:
      return "received";
    case State::kAcknowledged:
      return "acknowledged";
  }
  return "unknown";
}

std::string_view name_of(Confidence confidence) {
  switch (confidence) {
    case Confidence::kUnknown:
      return "unknown";
    case Confidence::kLikely:
      return "likely";
    case Confidence::kProved:
      return "proved";
  }
  return "unknown";
}

bool is_loss(State state) {
  switch (state) {
    case State::kNeverSent:
    case State::kAborted:
    case State::kLostByBroker:
    case State::kExpired:
    case State::kSkipped:
    case State::kCommittedBeforeProcessing:
      return true;
    default:
      return false;
  }
}

}  // namespace waybill::analysis
