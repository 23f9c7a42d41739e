#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "waybill/analysis/message_way.h"
#include "waybill/evidence/span.h"

namespace waybill::analysis {

// Sends to a topic that ended in the same way. Of metrics, which do not know what persisted, `persistence` is
// kUnknown; then spans of the same error say in which shares it did, if there are any.
struct SendTally {
  std::string topic;
  std::string error;  // empty: acknowledged
  evidence::Persistence persistence = evidence::Persistence::kUnknown;
  double messages = 0;
  bool from_metrics = false;
};

// What a group did in a topic in the same window.
struct GroupTally {
  std::string group;
  std::string topic;
  double processed = 0;           // deliveries that were processed, or handed over where no end is seen
  double failed = 0;              // of these, such whose processing failed
  double duplicated = 0;          // of these, such that were processed before
  std::optional<double> pending;  // the lag, at the end of the window; none: not known
  double gone = 0;                // offsets that the log's start has overtaken (waybill.lag.gone)
};

// Something that was lost, skipped, rejected or left in doubt.
struct NamedLoss {
  MessageName message;
  std::optional<std::int64_t> last_offset;  // of a run of messages with the same fate
  std::string group;                        // empty: it is the message's, for everybody
  std::int64_t time_ns = 0;
  std::string service;
  Verdict verdict;
};

struct ErrorCount {
  std::string error;
  double messages = 0;
};

// attempted = rejected + acknowledged + failed + possibly_persisted + in_flight
struct ProducedBooks {
  double attempted = 0;
  double rejected = 0;  // never left the client: queue full, too large, purged, timed out there
  double acknowledged = 0;
  double failed = 0;  // refused by a broker
  double possibly_persisted = 0;
  std::optional<double> in_flight;  // none: not known, and 0 in the sum
  std::vector<ErrorCount> errors;   // most first
};

// acknowledged = processed + pending + skipped + lost + unknown
struct GroupBooks {
  std::string group;
  double acknowledged = 0;
  double processed = 0;  // each message once
  double pending = 0;
  double skipped = 0;  // passed over, or aborted
  double lost = 0;     // by a broker, expired, or given up by a member that ended
  double unknown = 0;
  double failed = 0;
  double duplicated = 0;
};

struct TopicBooks {
  std::string topic;
  ProducedBooks produced;
  std::vector<GroupBooks> groups;  // sorted by name
};

struct LossInput {
  std::vector<SendTally> sends;
  std::vector<std::pair<std::string, double>> in_flight;  // by topic; none: not known
  std::vector<GroupTally> groups;
  std::vector<NamedLoss> named;  // as losses_of() makes them
};

struct LossBooks {
  std::vector<TopicBooks> topics;  // sorted by name
  std::vector<NamedLoss> named;    // runs put together, newest first
  std::vector<std::string> reasons_for_unknown;
};

// Books that balance. Numbers of metrics win over those of spans. What is processed, pending, skipped and
// lost of another window is not counted beyond what was acknowledged in this one: messages lost by name come
// first, then what was processed, then what is pending. Pure.
LossBooks balance(const LossInput& input);

// What of a message's way belongs into the list: losses, what is ambiguous, and what failed. One entry for
// the message if everybody lost it; else one for each group.
std::vector<NamedLoss> losses_of(const MessageWay& way);

// Neighbouring offsets of a partition with the same group, state and cause as one entry.
std::vector<NamedLoss> join_runs(std::vector<NamedLoss> losses);

}  // namespace waybill::analysis
