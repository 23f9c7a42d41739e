#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/analysis/message_evidence.h"
#include "waybill/analysis/verdict.h"

namespace waybill::analysis {

// What a message is called, as far as it is known.
struct MessageName {
  evidence::Place place;
  std::optional<std::string> key;
  SpanRef context;  // of its create or send span
};

// What its producer did. Where a create span of a batch says what became of the message, it is that one.
struct Produced {
  std::string service;
  std::string instance;
  std::string client_id;
  std::optional<std::int32_t> acks;
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  std::optional<double> queue_ms;
  std::optional<double> broker_ms;
  evidence::Persistence persistence = evidence::Persistence::kUnknown;
  std::string error;        // error.type; empty: none
  std::string error_text;   // of the span's log record; empty: none
  std::string transaction;  // committed, aborted, unknown; empty: none is known
  bool unfinished = false;  // the answer was not seen
  SpanRef span;
};

enum class StepKind : std::uint8_t { kReceived = 0, kProcessing, kProcessed, kFailed, kCommitted };

// "received", as the server answers it.
std::string_view name_of(StepKind kind);

// One thing that a group did with the message.
struct Step {
  StepKind kind = StepKind::kReceived;
  std::string service;
  std::string instance;
  std::string client_id;
  std::int64_t start_ns = 0;
  std::optional<std::int64_t> end_ns;  // none: its end was not seen
  std::string error;
  std::string error_text;
  SpanRef span;
};

// What one group did with the message.
struct GroupWay {
  std::string group;
  Verdict verdict;
  std::optional<double> waited_ms;      // from the broker's answer to the hand-over; never negative
  std::optional<double> end_to_end_ms;  // from the begin of the send to the end of the first good processing
  std::optional<std::int64_t> committed;  // by the newest answer of a broker
  std::vector<Step> steps;                // in the order of time
};

struct MessageWay {
  MessageName message;
  Verdict verdict;
  std::optional<Produced> produced;           // none: no span of its send is known
  std::optional<evidence::PartitionLog> log;  // the newest answer
  evidence::Presence presence = evidence::Presence::kNotAsked;
  std::vector<GroupWay> groups;  // sorted by name
  std::vector<MessageName> came_from;
  std::vector<MessageName> led_to;
};

// What became of one message, from all that is known of it. Pure: the same evidence gives the same answer. A
// span that is not there proves nothing; see docs/verdicts.md for the rules.
MessageWay explain(const MessageEvidence& evidence);

}  // namespace waybill::analysis
