#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "waybill/store/internal/schema.h"
#include "waybill/store/store.h"

namespace waybill::store::internal {

// Writes into one volume. What fails is thrown (SQLite::Exception), and the transaction is taken back. Owned
// by one thread.
class VolumeWriter {
 public:
  // Makes the file if it is not there, or if it was not made to its end.
  explicit VolumeWriter(const std::string& file);

  // All of what is inserted between begin and commit is there, or nothing. After an exception this writer is
  // of no more use: its destructor takes back what was not committed.
  void begin() { database_.exec("BEGIN IMMEDIATE"); }
  std::vector<bool> insert(const Batch& batch);  // as Store::insert
  void commit() { database_.exec("COMMIT"); }

  // How many rows were really new since this was opened, of batches that are committed.
  const Status& added() const { return added_; }

 private:
  std::int64_t text_id(const std::string& text);
  void learn_names(const std::string& topic, const std::string& service, const std::string& group);
  void learn_name(Store::NameKind kind, const std::string& name);
  std::int64_t series_id(const evidence::Series& series);
  bool insert(const evidence::Span& span);  // false: it was there already
  void insert_places(const evidence::Span& span, std::int64_t topic, std::int64_t row);
  void insert_links(const evidence::Span& span, std::int64_t row);
  std::string bytes_of_links(const evidence::Span& span);
  void insert(const evidence::LogRecord& record);
  void insert(const evidence::MetricPoint& point);

  SQLite::Database database_;
  SQLite::Statement insert_span_;
  SQLite::Statement insert_place_;
  SQLite::Statement insert_link_;
  SQLite::Statement insert_record_;
  SQLite::Statement insert_point_;
  SQLite::Statement insert_text_;
  SQLite::Statement find_text_;
  SQLite::Statement insert_name_;
  SQLite::Statement insert_series_;
  SQLite::Statement find_series_;
  std::unordered_map<std::string, std::int64_t> texts_;   // those that were used since it was last emptied
  std::unordered_map<std::string, std::int64_t> series_;  // by their members, joined
  std::unordered_set<std::string> names_[3];              // by Store::NameKind
  Status added_;
};

}  // namespace waybill::store::internal
