#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "waybill/store/store.h"

namespace waybill::store::internal {

// Reads one volume. What fails is thrown (SQLite::Exception). Used by one thread at a time.
class VolumeReader {
 public:
  explicit VolumeReader(const std::string& file);

  // What takes longer fails with SQLITE_INTERRUPT.
  void give_up_at(std::chrono::steady_clock::time_point time) { give_up_at_ = time; }

  std::vector<evidence::Span> spans_of(const context::TraceId& trace, std::size_t most);
  std::vector<evidence::Span> spans_linking_to(const context::TraceId& trace, std::size_t most);
  std::vector<evidence::Span> spans_at(const evidence::Place& place, std::size_t most);
  struct Row {
    std::int64_t id;
    evidence::Span span;
  };
  // Newest first. `goes_on_here`: the cursor is of this volume, else only its time counts.
  std::vector<Row> search(const SpanQuery& query, bool goes_on_here);
  std::vector<evidence::LogRecord> log_records_of(const context::TraceId& trace, std::size_t most);
  std::vector<evidence::MetricPoint> points(const PointQuery& query, std::size_t most);
  void add_names(Store::NameKind kind, const std::string& prefix, std::size_t most,
                 std::set<std::string>& names);
  Status count();

 private:
  // Prepared once.
  SQLite::Statement& statement(const std::string& sql);
  std::vector<evidence::Span> spans(SQLite::Statement& rows);
  evidence::Span span_of(SQLite::Statement& row);
  std::vector<evidence::Link> links_of(const SQLite::Column& bytes);
  const std::string& text(std::int64_t id);
  std::int64_t find_text(const std::string& text);

  static int is_late(void* reader);

  std::chrono::steady_clock::time_point give_up_at_ = std::chrono::steady_clock::time_point::max();
  SQLite::Database database_;
  std::unordered_map<std::string, SQLite::Statement> statements_;
  std::unordered_map<std::int64_t, std::string> texts_;
};

}  // namespace waybill::store::internal
