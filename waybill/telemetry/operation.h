#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "waybill/context/span_context.h"
#include "waybill/segment/record.h"
#include "waybill/telemetry/client_profile.h"
#include "waybill/telemetry/record_headers.h"

// What happened, joined from records: the input of the semantic conventions. Plain values;
// views last for the call.
namespace waybill::telemetry {

// Why an operation failed: librdkafka's name for it and its description.
struct Failure {
  std::string type;
  std::string description;
};

// The client that an operation belongs to.
struct ClientView {
  const ClientProfile* profile = nullptr;  // never null
  std::string_view cluster_id;             // empty: not known
};

// What many sends of a client share.
struct SendFacts {
  std::string topic;
  std::int32_t partition = -1;
  bool injected = false;
  bool creates = false;  // the create operation of one message of a batch
  segment::Persistence persistence = segment::Persistence::kUnknown;
  Server broker;  // that answered; empty host: not known
  std::optional<Failure> failure;
  bool unfinished = false;  // the end is the last that was heard of the process
};

// A send: from the hand-over to librdkafka to the broker's answer.
struct SendOperation {
  context::SpanContext context;
  context::SpanId parent;
  context::SpanContext link;  // the user's own creation context; not valid: none
  std::string_view trace_state;
  std::uint64_t start_unix_ns = 0;
  std::uint64_t end_unix_ns = 0;
  std::optional<std::int64_t> offset;   // only a trusted one
  std::optional<std::string_view> key;  // only if it is whole and not null
  bool tombstone = false;
  std::uint32_t body_size = 0;
  RecordHeaders headers;  // those that were captured
  std::optional<double> queue_time_ms;
  std::optional<double> broker_time_ms;
  std::string_view kept;  // why it is kept though it was not sampled; empty: it was
};

// One message of a receive or process operation.
struct MessageView {
  context::SpanContext creation;  // not valid: it carried none
  std::string_view trace_state;
  std::string_view topic;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::optional<double> record_age_ms;
  std::optional<std::string_view> key;
  bool tombstone = false;
  std::uint32_t body_size = 0;
  RecordHeaders headers;  // those that were captured
};

// What many receive or process operations of a client share.
struct ConsumeFacts {
  segment::ConsumeOperation kind = segment::ConsumeOperation::kProcess;
  std::string topic;            // that all messages share; empty: they do not
  std::int32_t partition = -1;  // that all messages share; -1: they do not
  bool batch = false;
  std::optional<Failure> failure;
  bool unfinished = false;
};

// A receive or process operation over one message or a batch.
struct ConsumeOperation {
  context::SpanContext context;
  context::SpanId parent;
  bool parent_is_remote = false;
  std::string_view trace_state;
  std::uint64_t start_unix_ns = 0;
  std::uint64_t end_unix_ns = 0;
  std::uint32_t message_count = 0;
  std::span<const MessageView> messages;
  std::string_view kept;  // as of a send
};

// What many operations that are known as a whole share.
struct WholeFacts {
  segment::WholeKind kind = segment::WholeKind::kTransaction;
  std::string topic;            // empty: none, or several
  std::int32_t partition = -1;  // -1: none, or several
  segment::Outcome outcome = segment::Outcome::kNone;
  bool injected = false;  // a send
  std::optional<Failure> failure;
};

// A transaction, a commit, the send of a batch, or a poll that failed.
struct WholeView {
  context::SpanContext context;
  context::SpanId parent;
  bool parent_is_remote = false;
  std::string_view trace_state;
  std::uint64_t start_unix_ns = 0;
  std::uint64_t end_unix_ns = 0;
  std::optional<std::int64_t> offset;  // of its only message
  std::span<const context::SpanContext> links;
  std::uint32_t links_left_out = 0;
  std::uint32_t message_count = 0;  // 0: it is no batch
  std::string_view description;     // of the failure; empty: the name of the error has one
  std::string_view kept;            // as of a send
};

}  // namespace waybill::telemetry
