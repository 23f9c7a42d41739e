#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "waybill/context/span_context.h"
#include "waybill/observe/client.h"
#include "waybill/segment/record.h"

namespace waybill::observe {

// The processing of one message, or of a batch: from the hand-over to the application until its end is seen.
// In zeroed memory. `state` is even while the slot is free and odd while it is in use, and rises with every
// change: whoever moves it from the value that it saw to the next one has ended the scope, on whichever
// thread. All other fields are written by the thread that polled, while the slot is free.
struct ProcessScope {
  std::uint64_t state;
  const void* thread;  // whose poll it was, or who began it
  // Rises from scope to scope, in all rooms of the process: of those of a thread, the highest is the
  // innermost.
  std::uint64_t order;
  const void* queue;    // where it polled: the next poll of this thread there ends it; null: its end is told
  const void* message;  // rd_kafka_message_destroy of it ends the scope; null for a batch
  std::uint64_t operation;
  std::uint32_t client;
  std::uint32_t message_count;  // 0: nothing is processed, a context is handed on
  std::uint32_t profile;        // definitions; the topic is 0 when the messages are of several
  std::uint32_t topic;
  std::int32_t partition;  // -1: of several
  std::uint64_t start_ns;
  bool recorded;
  context::SpanContext context;   // current on the polling thread; not valid: nothing to hand on
  context::SpanContext creation;  // what came with the single message; tells a forwarded context
  const char* baggage_text;       // stands beside, in the room; says nothing while there is none
  std::uint16_t baggage_size;
  std::uint16_t tracestate_size;
  char tracestate_text[segment::kMaxTracestate];

  std::string_view tracestate() const { return {tracestate_text, tracestate_size}; }
  std::string_view baggage() const { return {baggage_text, baggage_size}; }

  // Whether the context is that of somebody else's span, which is only handed on.
  bool hands_on() const { return context == creation; }
};

// Where several host sides are in one process: which scope is current on this thread, whosever it is. Null:
// none. Called by what sends and what processes; must not throw.
using FindScope = const ProcessScope* (*)();

// What the host sides of one process share.
struct Siblings {
  std::uint64_t* scopes_begun;  // whose `order` they all count in
  FindScope find_scope;
};

// Names a scope that the application itself began, until it ends it. All zero: none.
struct ScopeTicket {
  std::uint64_t room;  // which room's: after a fork the child has another
  std::uint64_t state;
  std::uint64_t outer_state;  // what was current on the thread before, if that has not ended since
  std::uint16_t scope;        // its slot + 1
  std::uint16_t host_side;    // of several in the process: left to whoever keeps the ticket
  std::uint32_t outer_scope;
};

// How processing failed.
struct ProcessingFailure {
  std::uint32_t error = 0;       // definition; 0: it did not
  std::string_view description;  // borrowed for the call
};

enum class PollMode : std::uint8_t {
  kOne,        // the call returns one message
  kBatch,      // the call returns several
  kCallbacks,  // the call hands messages to callbacks before it returns
};

// The poll call that runs on a thread. It stands in the thread's own storage, never on the stack: exceptions,
// longjmp and cancellation may leave the call without a word, and the next poll then simply starts anew.
struct PollFrame {
  bool running = false;
  const void* queue = nullptr;
  PollMode mode = PollMode::kOne;
  std::uint64_t start_ns = 0;

  std::uint32_t message_count = 0;  // handed over so far
  std::uint64_t operation = 0;      // of the batch or receive operation; 0: not begun
  std::uint32_t client = 0;
  std::uint32_t profile = 0;
  std::uint32_t topic = 0;         // definition; 0: messages of several topics
  std::int32_t partition = -1;     // -1: messages of several
  std::uint64_t hand_over_ns = 0;  // of the last message
  bool receives = false;           // a receive operation; else a batch that will be processed
  bool has_outer = false;          // its processing becomes the child of another
  bool recorded = false;
  context::SpanContext root;  // the operation's own context
  context::SpanContext first_creation;
  std::string_view
      first_tracestate;  // in the headers of the first message, which lives until the call returns
  std::string_view first_baggage;
  const Client* first_client = nullptr;
  std::string_view first_topic;
};

}  // namespace waybill::observe
