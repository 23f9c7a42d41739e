#pragma once

#include <cstdint>

#include "waybill/context/id_generator.h"
#include "waybill/observe/process_scope.h"
#include "waybill/observe/send_batch.h"

namespace waybill::observe {

// What the room remembers for a thread. Small, constant-initialised and without a destructor: it lives in
// static TLS of a library that may be loaded late, and threads end in any way they like.
struct ThreadState {
  context::IdGenerator ids;
  std::uint64_t ids_seeded_for = 0;  // the room's key: after a fork the child draws a seed of its own

  std::uint32_t scope = 0;        // the process scope that is current here: its slot + 1; 0: none
  std::uint64_t scope_state = 0;  // that slot's state when it became current
  // The order of this thread's first scope in the room with this key: an older one with this thread's address
  // was made by a thread that has ended.
  std::uint64_t scopes_from = 0;
  std::uint64_t scopes_room = 0;
  PollFrame frame;
  SendBatch* batch = nullptr;  // whose messages this thread sends
  const void* polled_queue =
      nullptr;  // where this thread polled last: messages of an event are taken out after the poll

  std::uint64_t answered_ns = 0;  // when the answer came that this thread deals with; 0: it deals with none
  std::uint64_t request_ns = 0;   // when its produce request left; 0: not known
  std::uint32_t request_client = 0;
  std::uint32_t request_broker = 0;  // definition

  std::uint32_t last_topic = 0;  // definition: most threads send to one topic
  std::uint32_t send_cell = 0;   // where in the segment this thread counted last
  std::uint32_t consume_cell = 0;
  std::uint32_t poll_cell = 0;
  std::uint32_t process_cell = 0;
  std::uint32_t hooks = 0;  // how many this thread has run
  std::uint64_t clocks_compared_ns = 0;
  std::int64_t time_of_day_ahead_ns = 0;  // of the monotonic clock, when the two were compared
  const void* last_sent = nullptr;        // the message that was handed to librdkafka last on this thread

  bool librdkafka_thread = false;  // a main or broker thread of librdkafka: no application code runs here
};

extern constinit thread_local ThreadState thread_state;

}  // namespace waybill::observe
