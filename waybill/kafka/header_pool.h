#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>

#include "waybill/kafka/api.h"
#include "waybill/kafka/context_headers.h"

namespace waybill::kafka {

// Lists of headers with nothing in them but the one that carries a context, made by Waybill for one
// librdkafka. A new list costs three allocations, which is most of what it costs to put a context on a
// message; so the list of an acknowledged message is taken off it, and goes out again with another context in
// the same bytes.
//
// Only lists that were made here are ever taken off a message: their addresses stand in a table. An address
// that the application uses for a list of its own is struck off when that list is sent.
//
// In zeroed memory. Thread-safe; takes no lock and waits for nobody: what is contended, full or half done by
// another thread counts as "not there", and a list is allocated or freed as without a pool.
class HeaderPool {
 public:
  struct List {
    rd_kafka_headers_t* headers = nullptr;
    char* value = nullptr;  // of its header: length_of() bytes within the list
  };

  // The pool of this librdkafka, made when it is first asked for. Null: no memory is left for one, or more
  // copies in this process than have one.
  static HeaderPool* of(const Api& api);

  // Before anything else.
  void begin(const Api& api) { api_ = &api; }

  // A producer comes or goes. With the last one the free lists are destroyed; in the child of a fork the
  // first one begins anew. Not on the hot path.
  void producer_opened();
  void producer_closed();

  // Whether its lists have this header: that of the first who asks. Settings that change later go without a
  // pool.
  bool serves(LoneHeader header);

  // A free list, which is the caller's now; its `headers` are null when there is none.
  List take();

  // A list that the caller made and puts on a message: known from here on.
  void add(const List& list);

  // The application sends a list of its own at this address.
  void strike_off(const rd_kafka_headers_t* headers);

  // Takes the list off a message that was acknowledged on a thread of librdkafka, if it was made here. Tells
  // what the message had.
  enum class Found { kNoHeaders, kSampled, kNotSampled, kNotOurs };
  Found recycle(rd_kafka_message_t* message);

 private:
  // Where a list's value is, by the list's address. The addresses of lists that are made one after the
  // other are near each other, and so are their slots: few messages touch few pages.
  struct Known {
    std::uintptr_t headers;  // 0 never used, 1 struck off, 2 being filled
    char* value;
  };
  // A cell is free for the ticket that equals its turn, and filled for the ticket before it
  // (D. Vyukov's bounded queue).
  struct Cell {
    std::uint64_t turn;  // minus the cell's place, so that zeroed memory is right
    rd_kafka_headers_t* headers;
    char* value;
  };

  static constexpr std::size_t kKnown = 131'072;
  static constexpr std::size_t kProbes = 32;
  static constexpr std::size_t kFree = 16'384;  // lists that wait: about 4 MiB of the host's memory

  static std::size_t first_slot(const rd_kafka_headers_t* headers) {
    return reinterpret_cast<std::uintptr_t>(headers) / 64 % kKnown;
  }

  bool usable() const;
  char* find(const rd_kafka_headers_t* headers) const;
  bool push(const List& list);
  LoneHeader header() const;
  bool holds_only(const rd_kafka_headers_t* headers, const char* value) const;
  void destroy_free_lists();
  void begin_anew();

  const Api* api_;
  std::int32_t process_;  // whose lists these are; 0: not begun, -1: just beginning
  std::uint32_t producers_;
  std::uint32_t header_;  // LoneHeader of its lists; 0: nobody has asked yet
  // Those that push and those that pop are on different processors: what they change stands apart.
  [[maybe_unused]] char apart_1_[64];
  std::uint64_t pushed_;
  [[maybe_unused]] char apart_2_[64];
  std::uint64_t popped_;
  [[maybe_unused]] char apart_3_[64];
  Cell cells_[kFree];
  Known known_[kKnown];
};

}  // namespace waybill::kafka
