#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "waybill/analysis/coverage.h"
#include "waybill/analysis/span_ref.h"
#include "waybill/evidence/broker_answer.h"
#include "waybill/evidence/log_record.h"
#include "waybill/evidence/place.h"
#include "waybill/evidence/span.h"

namespace waybill::analysis {

// What is known of one group that reads the message's topic, besides its spans.
struct GroupEvidence {
  std::string group;
  Coverage coverage;
  // Whether telemetry comes of each member that the brokers ever named, as often as they were asked (by their
  // client ids, say); also true of a group that had no member when it was asked. What members without
  // telemetry got nobody can see, so without a true here next to nothing is called a loss of the group. None:
  // no broker was asked.
  std::optional<bool> all_members_traced = {};
  std::vector<evidence::CommittedOffset> committed;  // in the message's partition; all answers, in any order
};

// All that is known about one message: what explain() reads. Whoever makes it need not sort anything: more
// spans than needed do no harm, and a span that stands twice counts once.
//
// `spans` should hold, where the store has them:
// - the spans at `place`, those that link to it, and those that link to `context` or have it as their parent;
// - the span that `context` names, and with a create span the batch that links to it;
// - the transaction that the send has as its parent or links to;
// - the ancestors of the send up to the processing that it was sent in, and the sends whose contexts that
// links to;
// - what was sent while the message was processed: sends and creates below its process spans;
// - of each group the consumer and settle spans of the same partition around it: the last ones before the
// offset, the
//   first ones behind it, and batches of the topic that do not say which messages they hold;
// - other sends that were given the same place.
struct MessageEvidence {
  evidence::Place place;  // as asked for; what is missing is taken from the spans
  SpanRef context;        // of the create or send span, as asked for; not valid: found by the place

  std::vector<evidence::Span> spans;
  std::vector<evidence::LogRecord> log_records;  // of these spans

  std::vector<evidence::PartitionLog> logs;  // of the partition; all answers, in any order
  evidence::Presence presence = evidence::Presence::kNotAsked;
  std::int64_t presence_asked_ns = 0;
  std::optional<bool> is_compacted;  // whether the topic keeps only the last record of a key
  std::int64_t longest_replication_ns = 30'000'000'000;  // replica.lag.time.max.ms of the brokers
  // A group that has told no metric for so long has ended: more than twice the interval of metrics.
  std::int64_t longest_silence_ns = 150'000'000'000;

  std::vector<GroupEvidence> groups;  // known to read the topic; groups of spans are found without it

  std::int64_t now_ns = 0;
};

}  // namespace waybill::analysis
