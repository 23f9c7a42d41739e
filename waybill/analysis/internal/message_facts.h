#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "waybill/analysis/internal/span_index.h"
#include "waybill/analysis/message_evidence.h"

namespace waybill::analysis {

// What was sorted out of the evidence before anything is judged. Pointers are into the evidence.
struct SendFacts {
  const evidence::Span* span = nullptr;  // of the message's create or send; null: none is known
  const evidence::Span* transaction = nullptr;
  const evidence::Span* successor = nullptr;    // a later send that was given the same place
  const evidence::Span* predecessor = nullptr;  // an earlier one
};

// That a group went on behind the message: it got a later message of the partition.
struct Passage {
  const evidence::Span* span = nullptr;  // the first that got a later one
  std::int64_t offset = -1;
  const evidence::Span* before = nullptr;  // the last that got an earlier one, before that
  std::int64_t before_offset = -1;
};

struct GroupFacts {
  std::string group;
  Coverage coverage;
  std::optional<bool> all_members_traced;
  std::vector<const evidence::Span*> receives;   // of the message, in the order of time
  std::vector<const evidence::Span*> processes;  // … each attempt once
  std::vector<const evidence::Span*> settles;    // commits that cover the message
  std::optional<evidence::CommittedOffset> committed;
  Passage passage;
  bool shows_processing = false;  // some process span of it is known
  // When it first got some that may be this one: a batch that does not say which it held. None: never.
  std::optional<std::int64_t> nameless_ns;
};

struct MessageFacts {
  const MessageEvidence* evidence = nullptr;
  evidence::Place place;
  std::vector<SpanRef> contexts;  // that travel with this message and with no other
  std::optional<std::string> key;
  SendFacts send;
  std::optional<evidence::PartitionLog> log;  // the newest answer
  std::vector<GroupFacts> groups;             // sorted by name
};

MessageFacts gather_facts(const MessageEvidence& evidence, const SpanIndex& index);

// Whether a member of the group was given the message.
inline bool was_received(const GroupFacts& group) {
  return !group.receives.empty() || !group.processes.empty();
}
bool was_received(const MessageFacts& facts);

}  // namespace waybill::analysis
