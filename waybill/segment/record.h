#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

// The records that a host writes into the chunks of its segment. All are multiples of 8 bytes; text follows
// the fixed part.
namespace waybill::segment {

enum class RecordKind : std::uint8_t {
  kPadding = 0,  // fills a chunk to its border
  kSendStarted = 1,
  kSendEnded = 2,
  kConsumeStarted = 3,
  kConsumedMessage = 4,
  kConsumeEnded = 5,
  kClientClosed = 6,
  kClientCluster = 7,
  kSingleConsumed = 8,
  kWholeOperation = 9,
};

// Stands before every record. `stamp` is stamp_of(position), so that a reader which was led astray notices.
struct RecordHeader {
  std::uint32_t size_and_kind;  // size in bytes << 8 | kind
  std::uint32_t stamp;
};

constexpr std::uint32_t size_and_kind(std::size_t size, RecordKind kind) {
  return static_cast<std::uint32_t>(size << 8U) | static_cast<std::uint32_t>(kind);
}
// `position` is the chunk's committed count at the record's first byte.
constexpr std::uint32_t stamp_of(std::uint64_t position) {
  return static_cast<std::uint32_t>(position / 8) ^ 0x5742'5742U;
}

constexpr std::size_t round_up_to_8(std::size_t size) { return (size + 7) & ~std::size_t{7}; }

inline constexpr std::size_t kMaxRecord = 8192;
inline constexpr std::size_t kMaxKey = 1024;        // longer keys are cut; the record says so
inline constexpr std::size_t kMaxTracestate = 512;  // W3C Trace Context, section 3.3.1.5

// Trace id, span id and flags as they stand in a record.
struct RecordContext {
  std::array<std::uint8_t, 16> trace_id;
  std::array<std::uint8_t, 8> span_id;
  std::uint8_t flags;
  std::uint8_t unused[7];
};
static_assert(sizeof(RecordContext) == 32);

// Stands before the captured headers of a message, which are the last in its record: for each of them a
// CapturedHeader, its name and its value, one after the other. Before them stand the attributes that the
// application gave to the message, in the same form.
struct CapturedHeaders {
  std::uint16_t count;
  std::uint16_t left_out;  // there was no room for so many more
};
struct CapturedHeader {
  std::uint16_t name_size;
  std::uint16_t value_size;
  std::uint8_t bits;  // kNullValue, kValueCut; of an attribute its type, unless it is a text
  std::uint8_t uses;  // kForAttribute, kForConversationId; or kIsAttribute
};
inline constexpr std::uint8_t kNullValue = 1;
inline constexpr std::uint8_t kValueCut = 2;      // the value was longer than kMaxHeaderValue
inline constexpr std::uint8_t kIntegerValue = 4;  // 8 bytes
inline constexpr std::uint8_t kDoubleValue = 8;   // 8 bytes
inline constexpr std::uint8_t kBoolValue = 16;    // a byte
inline constexpr std::uint8_t kForAttribute = 1;
inline constexpr std::uint8_t kForConversationId = 2;
inline constexpr std::uint8_t kIsAttribute = 4;  // no header: the application's, and this is its full name
inline constexpr std::size_t kMaxCapturedHeaders = 32;
inline constexpr std::size_t kMaxCapturedBytes = 4096;  // of a message's headers in its record, all told
inline constexpr std::size_t kMaxHeaderName = 256;
inline constexpr std::size_t kMaxHeaderValue = 1024;

namespace bits {
inline constexpr std::uint8_t kInjected = 1;       // the context went out with the message
inline constexpr std::uint8_t kTombstone = 2;      // the message has a null value
inline constexpr std::uint8_t kHasKey = 4;         // the key is not null; it may still be empty
inline constexpr std::uint8_t kKeyCut = 8;         // the key was longer than kMaxKey
inline constexpr std::uint8_t kHasLink = 16;       // SendStarted: a link follows
inline constexpr std::uint8_t kParentRemote = 32;  // the parent came with a message
inline constexpr std::uint8_t kHasCreation = 64;   // `creation` is valid
inline constexpr std::uint8_t kBatch =
    128;  // one operation for several messages; SendStarted: one of several, whose create span this is
}  // namespace bits

// A message was handed to librdkafka. Followed by a RecordContext if kHasLink (the user's own creation
// context), then by the key, the tracestate and the captured headers.
struct SendStarted {
  RecordHeader header;
  std::uint64_t message;  // its address: names the send until its SendEnded
  std::uint64_t start_ns;
  RecordContext context;
  std::array<std::uint8_t, 8> parent_span_id;  // zero: a root span
  std::uint32_t client;                        // number of the client in its process; never used twice
  std::uint32_t profile;                       // definition: kClient
  std::uint32_t topic;                         // definition: kTopic
  std::uint32_t body_size;
  std::uint16_t key_size;
  std::uint16_t tracestate_size;
  std::uint8_t bits;
  std::uint8_t has_headers;  // CapturedHeaders follow
  std::uint16_t refusals;    // see SendEnded
};
static_assert(sizeof(SendStarted) == 88);

enum class Persistence : std::uint8_t {
  kUnknown = 0,
  kNotPersisted = 1,
  kPossiblyPersisted = 2,
  kPersisted = 3
};

// The answer for a message came, or the reason why none will. Written for messages that were not sampled too:
// such a record finds no SendStarted and means nothing.
struct SendEnded {
  RecordHeader header;
  std::uint64_t message;
  std::uint64_t end_ns;
  std::uint64_t request_ns;  // when the produce request left; 0: not known
  std::int64_t offset;
  std::int32_t partition;
  std::uint32_t client;
  std::uint32_t broker;  // definition: kBroker; 0: not known
  std::uint32_t error;   // definition: kError; 0: success
  Persistence persistence;
  std::uint8_t unused;
  // How many starts and ends of messages whose address falls into the same slot found no room before this
  // record. An end belongs to a start of its address only if both say the same: otherwise a record between
  // them is missing, and with it the proof that they belong together.
  std::uint16_t refusals;
  std::uint32_t
      latency_us_plus_1;  // since the message was handed over, as librdkafka knows it; 0: it does not
};
static_assert(sizeof(SendEnded) == 64);

// The slots in which a host counts refusals.
inline constexpr std::size_t kRefusalSlots = 16'384;
constexpr std::size_t refusal_slot(std::uint64_t message) {
  return static_cast<std::size_t>((message * 0x9e3779b97f4a7c15ULL) >> 50U);  // the upper 14 bits
}
static_assert(kRefusalSlots == std::size_t{1} << 14U);

enum class ConsumeOperation : std::uint8_t { kReceive = 1, kProcess = 2 };

// A receive or process operation began. Its messages are ConsumedMessage records with the same `operation`,
// before or after it. Followed by the tracestate.
struct ConsumeStarted {
  RecordHeader header;
  std::uint64_t operation;  // names the operation until its ConsumeEnded: the bytes of its span id
  std::uint64_t start_ns;
  RecordContext context;
  std::array<std::uint8_t, 8> parent_span_id;
  std::uint32_t client;
  std::uint32_t profile;
  ConsumeOperation kind;
  std::uint8_t bits;
  std::uint16_t tracestate_size;
  std::uint32_t unused;
};
static_assert(sizeof(ConsumeStarted) == 80);

// One message of a receive or process operation. Followed by the key, the tracestate that came with the
// message, and its captured headers.
struct ConsumedMessage {
  RecordHeader header;
  std::uint64_t operation;
  RecordContext creation;  // what its sender put into its headers, if kHasCreation
  std::int64_t offset;
  std::int64_t timestamp_ms;   // of the record; -1: it has none
  std::uint64_t hand_over_ns;  // when it was given to the application
  std::uint32_t client;
  std::uint32_t topic;
  std::int32_t partition;
  std::uint32_t body_size;
  std::uint16_t key_size;
  std::uint16_t tracestate_size;
  std::uint8_t bits;
  std::uint8_t has_headers;  // CapturedHeaders follow
  std::uint8_t unused[2];
};
static_assert(sizeof(ConsumedMessage) == 96);

// Followed by what the error says of itself.
struct ConsumeEnded {
  RecordHeader header;
  std::uint64_t operation;
  std::uint64_t end_ns;
  std::uint32_t message_count;
  std::uint32_t client;
  std::uint32_t error;  // definition: kError; 0: success, or its end is all that is known
  std::uint16_t description_size;
  std::uint16_t unused;
};
static_assert(sizeof(ConsumeEnded) == 40);
inline constexpr std::size_t kMaxDescription = 256;  // of an error, in its record

// A receive or process operation over a single message: its ConsumeStarted and its ConsumedMessage in one. A
// process operation ends with a ConsumeEnded, a receive operation ended at the hand-over. Followed by the
// key, the tracestate that came with the message, and its captured headers.
struct SingleConsumed {
  RecordHeader header;
  std::uint64_t operation;
  std::uint64_t start_ns;
  std::uint64_t hand_over_ns;
  RecordContext context;
  RecordContext creation;  // with kParentRemote the parent, whose tracestate is the operation's too
  std::int64_t offset;
  std::int64_t timestamp_ms;
  std::uint32_t client;
  std::uint32_t profile;
  std::uint32_t topic;
  std::int32_t partition;
  std::uint32_t body_size;
  std::uint16_t key_size;
  std::uint16_t tracestate_size;
  ConsumeOperation kind;
  std::uint8_t bits;
  std::uint8_t has_headers;  // CapturedHeaders follow
  std::uint8_t unused[5];
};
static_assert(sizeof(SingleConsumed) == 144);

enum class WholeKind : std::uint8_t {
  kTransaction = 1,
  kSettle = 2,
  kSend = 3,
  kReceive = 4,  // a poll that failed; others are consume operations
};

// How a transaction ended.
enum class Outcome : std::uint8_t {
  kNone = 0,  // it is no transaction
  kCommitted = 1,
  kAborted = 2,
  kUnknown = 3,  // the client could do neither
};

// An operation that is known when it is over, from its begin to its end: one record, written then.
// Followed by the links, what the error says of itself, and the tracestate.
struct WholeOperation {
  RecordHeader header;
  std::uint64_t start_ns;
  std::uint64_t end_ns;
  RecordContext context;
  std::array<std::uint8_t, 8> parent_span_id;  // zero: a root span
  std::int64_t offset;                         // of its only message; -1: none
  std::uint32_t client;
  std::uint32_t profile;
  std::uint32_t topic;           // 0: none, or several
  std::int32_t partition;        // -1: none, or several
  std::uint32_t error;           // definition: kError; 0: success
  std::uint32_t links_left_out;  // there was no room for so many more
  std::uint16_t description_size;
  std::uint16_t tracestate_size;
  std::uint16_t link_count;  // RecordContexts
  WholeKind kind;
  std::uint8_t bits;  // kParentRemote, kInjected
  Outcome outcome;
  std::uint8_t unused[3];
  std::uint32_t message_count;  // of a send
};
static_assert(sizeof(WholeOperation) == 112);
inline constexpr std::size_t kMaxLinks = 128;  // of an operation, in its record

// All threads of a client have ended: what it has not answered by now stays unanswered.
struct ClientClosed {
  RecordHeader header;
  std::uint64_t time_ns;
  std::uint32_t client;
  std::uint32_t unused;
};
static_assert(sizeof(ClientClosed) == 24);

// The client learned which cluster it talks to.
struct ClientCluster {
  RecordHeader header;
  std::uint32_t client;
  std::uint32_t cluster;  // definition: kCluster
};
static_assert(sizeof(ClientCluster) == 16);

}  // namespace waybill::segment
