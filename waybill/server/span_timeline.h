#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "waybill/evidence/span.h"
#include "waybill/store/store.h"
#include "waybill/support/expected.h"

namespace waybill::server {

// The spans of one query for many windows that overlap: what one of them has read the next one need not read
// again, and each gets what the store would give it. Goes from the newest to the oldest: a window that ends
// where nothing was read begins anew. Owned by one thread.
//
//   SpanTimeline spans{store, query};
//   spans.newest({sent_ns - kMinute, sent_ns}, 300);
class SpanTimeline {
 public:
  // Of the query all but its window, its cursor and its count. `store` outlives it.
  SpanTimeline(store::Store& store, store::SpanQuery query) : store_{store}, query_{std::move(query)} {}

  // The newest of the window, at most so many, newest first. They live until the next call.
  Expected<std::vector<const evidence::Span*>> newest(const store::Window& window, std::size_t most);

 private:
  bool reaches(std::int64_t time_ns) const;
  Expected<void> read_back_to(std::int64_t from_ns, std::size_t most);

  store::Store& store_;
  const store::SpanQuery query_;
  // All spans of the time that was read, which ends at `to_ns_`. It begins behind the last of them where
  // there is a cursor, else at `from_ns_`.
  std::vector<evidence::Span> spans_;
  std::int64_t to_ns_ = -1;
  std::int64_t from_ns_ = 0;
  std::optional<store::Cursor> next_;
};

}  // namespace waybill::server
