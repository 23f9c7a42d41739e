#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/analysis/span_ref.h"

namespace waybill::analysis {

// What became of a message, or of a message for one group (docs/verdicts.md).
enum class State : std::uint8_t {
  kUnknown = 0,
  kNeverSent,
  kAmbiguous,
  kAborted,
  kLostByBroker,
  kExpired,
  kSkipped,
  kCommittedBeforeProcessing,
  kFailed,
  kInProgress,
  kPending,
  kProcessed,
  kDuplicated,
  kReceived,
  kAcknowledged,
};

// Proved: nothing else explains the evidence. Likely: something else could, but it is far-fetched.
enum class Confidence : std::uint8_t { kUnknown = 0, kLikely, kProved };

// One thing that a verdict rests on.
struct Ground {
  std::string text;
  SpanRef span;  // not valid: no span says it
};

// A verdict and why. A value.
struct Verdict {
  State state = State::kUnknown;
  std::string cause;  // a word more: queue_full, message_timed_out, retention, reset …; empty: none
  Confidence confidence = Confidence::kUnknown;
  std::string text;  // one sentence
  std::vector<Ground> evidence;
  std::vector<std::string> missing;  // what would make it surer
};

// "never_sent", as the server answers it.
std::string_view name_of(State state);
std::string_view name_of(Confidence confidence);

// Whether the message will not be handed to whom it was for, or was given up in its hands: never_sent,
// aborted, lost_by_broker, expired, skipped, committed_before_processing. Neither pending nor ambiguous is a
// loss; failed is not one either: it was processed, badly.
bool is_loss(State state);

}  // namespace waybill::analysis
