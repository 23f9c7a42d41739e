#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "waybill/evidence/log_record.h"
#include "waybill/evidence/metric_point.h"
#include "waybill/evidence/span.h"
#include "waybill/support/expected.h"

namespace waybill::store {

// What is kept by one call of Store::insert.
struct Batch {
  std::vector<evidence::Span> spans = {};
  std::vector<evidence::LogRecord> log_records = {};
  std::vector<evidence::MetricPoint> points = {};
};

// Nanoseconds since 1970; both ends belong to it.
struct Window {
  std::int64_t from_ns = 0;
  std::int64_t to_ns = std::numeric_limits<std::int64_t>::max();
};

// Where a search goes on: behind the span that came last. A value of Found::next.
struct Cursor {
  std::int64_t start_ns = std::numeric_limits<std::int64_t>::max();
  std::uint64_t volume = 0;
  std::int64_t row = std::numeric_limits<std::int64_t>::max();
};

// Which spans are looked for; what is empty or negative asks for nothing.
struct SpanQuery {
  Window window = {};  // of their start
  evidence::Place place = {};
  std::string key = {};
  bool has_key = false;  // also of an empty key
  std::string service = {};
  std::string group = {};
  bool only_failed = false;
  std::vector<evidence::Operation> operations = {};  // empty: all
  Cursor before = {};                                // newest first, from here on
  std::size_t most = 100;
};

struct PointQuery {
  Window window = {};                     // of their time
  std::vector<std::string> metrics = {};  // names
  std::string topic = {};
  std::string group = {};
};

struct Status {
  std::uint64_t spans = 0;
  std::uint64_t log_records = 0;
  std::uint64_t points = 0;
  std::uint64_t bytes = 0;
  std::int64_t oldest_ns = 0;  // 0: nothing is there
  std::int64_t newest_ns = 0;
};

// Spans, log records and metric points, and the questions that Kafka's pages ask of them. An interface, so
// that what outgrows one machine's SQLite can have another implementation. Thread-safe; questions see what
// was inserted before they began.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // When it returns without an error, the batch survives the death of this process. A span that is there
  // already (by its ids) is passed over: for each span of the batch, whether it is new.
  virtual Expected<std::vector<bool>> insert(const Batch& batch) = 0;

  // The spans of a trace, and those of any trace that link to one of it.
  virtual Expected<std::vector<evidence::Span>> spans_of(const context::TraceId& trace, std::size_t most) = 0;
  virtual Expected<std::vector<evidence::Span>> spans_linking_to(const context::TraceId& trace,
                                                                 std::size_t most) = 0;
  // Spans that name this exact place: of a message of their own, or on a link.
  virtual Expected<std::vector<evidence::Span>> spans_at(const evidence::Place& place, std::size_t most) = 0;

  struct Found {
    std::vector<evidence::Span> spans;  // newest first
    Cursor next;  // of the last; where there are fewer than asked for, there are no more
  };
  virtual Expected<Found> search(const SpanQuery& query) = 0;

  virtual Expected<std::vector<evidence::LogRecord>> log_records_of(const context::TraceId& trace,
                                                                    std::size_t most) = 0;

  // Series by series, in the order of time.
  virtual Expected<std::vector<evidence::MetricPoint>> points(const PointQuery& query, std::size_t most) = 0;

  enum class NameKind { kTopic, kService, kGroup };
  // In alphabetical order.
  virtual Expected<std::vector<std::string>> names(NameKind kind, const std::string& prefix,
                                                   std::size_t most) = 0;

  virtual Status status() = 0;
};

}  // namespace waybill::store
