#include "waybill/store/internal/volume_writer.h"

#include "waybill/store/internal/row_bytes.h"

namespace waybill::store::internal {
namespace {

// Of names that come from anybody; the rest is looked up in the file.
constexpr std::size_t kMostRemembered = 50'000;

SQLite::Database open(const std::string& file) {
  SQLite::Database database{file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 10'000};
  // A commit is in the log of the file system when it returns, so it survives the death of this process.
  database.exec("PRAGMA journal_mode=WAL");
  database.exec("PRAGMA synchronous=NORMAL");
  database.exec("PRAGMA cache_size=-65536");
  // Writing back into the file waits for the disk: Volume::write_back() does it on another thread.
  database.exec("PRAGMA wal_autocheckpoint=0");
  // A process that was killed while it made the file leaves one without tables.
  if (database.execAndGet("PRAGMA user_version").getInt() == 0) {
    SQLite::Transaction transaction{database};
    database.exec(kSchema);
    database.exec("PRAGMA user_version=" + std::to_string(kSchemaVersion));
    transaction.commit();
  }
  return database;
}

void bind_blob(SQLite::Statement& statement, int at, const std::string& bytes) {
  statement.bindNoCopy(at, bytes.data(), static_cast<int>(bytes.size()));
}

void bind_trace(SQLite::Statement& statement, int at, const context::TraceId& id) {
  statement.bindNoCopy(at, id.bytes.data(), static_cast<int>(id.bytes.size()));
}

template <typename Number>
void bind_or_null(SQLite::Statement& statement, int at, const std::optional<Number>& number) {
  if (number) {
    statement.bind(at, *number);
  } else {
    statement.bind(at);
  }
}

// False: the row was there already.
bool run(SQLite::Statement& statement) {
  const int changes = statement.exec();
  statement.reset();
  return changes > 0;
}

void put_place(BytesWriter& bytes, std::int64_t topic, const evidence::Place& place) {
  bytes.put(topic);
  bytes.put(place.partition);
  bytes.put(place.offset);
}

std::string bytes_of_histogram(const evidence::MetricPoint& point) {
  BytesWriter bytes;
  bytes.put(static_cast<std::uint32_t>(point.bounds.size()));
  for (const double bound : point.bounds) bytes.put(bound);
  for (const std::uint64_t bucket : point.buckets) bytes.put(bucket);
  return bytes.bytes();
}

std::string key_of(const evidence::Series& series) {
  std::string key = series.metric;
  for (const std::string* part : {&series.service, &series.instance, &series.topic, &series.group,
                                  &series.operation, &series.error_type, &series.others}) {
    key += '\0';
    key += *part;
  }
  key += '\0' + std::to_string(series.partition) + '/' + std::to_string(static_cast<int>(series.kind));
  return key;
}

}  // namespace

VolumeWriter::VolumeWriter(const std::string& file)
    : database_{open(file)},
      insert_span_{
          database_,
          "INSERT OR IGNORE INTO spans(trace, span, parent, start, duration, kind, operation, failed, name, "
          "service, instance, error, topic, partition, offset, consumer_group, client, key, messages, acks, "
          "persistence, queue_ms, broker_ms, age_ms, outcome, adjusted_count, links, body, resource, "
          "unfinished) "
          "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"},
      insert_place_{database_, "INSERT OR IGNORE INTO places(topic, partition, offset, id) VALUES(?,?,?,?)"},
      insert_link_{database_, "INSERT OR IGNORE INTO links(trace, span, id) VALUES(?,?,?)"},
      insert_record_{
          database_,
          "INSERT INTO log_records(time, severity, event, service, trace, span, error, text, body, resource) "
          "VALUES(?,?,?,?,?,?,?,?,?,?)"},
      insert_point_{
          database_,
          "INSERT OR REPLACE INTO points(series, time, start, value, count, buckets) VALUES(?,?,?,?,?,?)"},
      insert_text_{database_, "INSERT INTO texts(text) VALUES(?)"},
      find_text_{database_, "SELECT id FROM texts WHERE text = ?"},
      insert_name_{database_, "INSERT OR IGNORE INTO names(kind, name) VALUES(?,?)"},
      insert_series_{
          database_,
          "INSERT INTO series(metric, kind, service, instance, topic, partition, consumer_group, operation, "
          "error, others) VALUES(?,?,?,?,?,?,?,?,?,?)"},
      find_series_{
          database_,
          "SELECT id FROM series WHERE metric=? AND kind=? AND service=? AND instance=? AND topic=? AND "
          "partition=? AND consumer_group=? AND operation=? AND error=? AND others=?"} {}

std::vector<bool> VolumeWriter::insert(const Batch& batch) {
  std::vector<bool> are_new;
  are_new.reserve(batch.spans.size());
  for (const evidence::Span& span : batch.spans) are_new.push_back(insert(span));
  for (const evidence::LogRecord& record : batch.log_records) insert(record);
  for (const evidence::MetricPoint& point : batch.points) insert(point);
  return are_new;
}

// 0: the text is empty.
std::int64_t VolumeWriter::text_id(const std::string& text) {
  if (text.empty()) return 0;
  if (const auto found = texts_.find(text); found != texts_.end()) return found->second;
  bind_blob(find_text_, 1, text);
  std::int64_t id = find_text_.executeStep() ? find_text_.getColumn(0).getInt64() : 0;
  find_text_.reset();
  if (id == 0) {
    bind_blob(insert_text_, 1, text);
    run(insert_text_);
    id = database_.getLastInsertRowid();
  }
  if (texts_.size() >= kMostRemembered) texts_.clear();
  texts_.emplace(text, id);
  return id;
}

void VolumeWriter::learn_names(const std::string& topic, const std::string& service,
                               const std::string& group) {
  learn_name(Store::NameKind::kTopic, topic);
  learn_name(Store::NameKind::kService, service);
  learn_name(Store::NameKind::kGroup, group);
}

void VolumeWriter::learn_name(Store::NameKind kind, const std::string& name) {
  auto& known = names_[static_cast<std::size_t>(kind)];
  if (name.empty() || known.contains(name)) return;
  insert_name_.bind(1, static_cast<int>(kind));
  bind_blob(insert_name_, 2, name);
  run(insert_name_);
  if (known.size() >= kMostRemembered) known.clear();
  known.insert(name);
}

bool VolumeWriter::insert(const evidence::Span& span) {
  SQLite::Statement& row = insert_span_;
  const std::int64_t topic = text_id(span.place.topic);
  const std::string links = bytes_of_links(span);
  bind_trace(row, 1, span.trace_id);
  row.bind(2, number_of(span.span_id));
  row.bind(3, number_of(span.parent_id));
  row.bind(4, span.start_ns);
  row.bind(5, span.end_ns - span.start_ns);
  row.bind(6, static_cast<int>(span.kind));
  row.bind(7, static_cast<int>(span.operation));
  row.bind(8, span.failed ? 1 : 0);
  row.bind(9, text_id(span.name));
  row.bind(10, text_id(span.service));
  row.bind(11, text_id(span.instance));
  row.bind(12, text_id(span.error_type));
  row.bind(13, topic);
  row.bind(14, span.place.partition);
  row.bind(15, span.place.offset);
  row.bind(16, text_id(span.group));
  row.bind(17, text_id(span.client_id));
  if (span.key) {
    bind_blob(row, 18, *span.key);
  } else {
    row.bind(18);
  }
  row.bind(19, span.messages);
  bind_or_null(row, 20, span.acks);
  row.bind(21, static_cast<int>(span.persistence));
  bind_or_null(row, 22, span.queue_ms);
  bind_or_null(row, 23, span.broker_ms);
  bind_or_null(row, 24, span.age_ms);
  row.bind(25, text_id(span.outcome));
  bind_or_null(row, 26, span.adjusted_count);
  bind_blob(row, 27, links);
  bind_blob(row, 28, span.body);
  row.bind(29, text_id(span.resource));
  row.bind(30, span.unfinished ? 1 : 0);
  if (!run(row)) return false;
  ++added_.spans;
  learn_names(span.place.topic, span.service, span.group);
  const std::int64_t id = database_.getLastInsertRowid();
  insert_places(span, topic, id);
  insert_links(span, id);
  return true;
}

void VolumeWriter::insert_places(const evidence::Span& span, std::int64_t topic, std::int64_t row) {
  const auto insert = [&](std::int64_t of_topic, const evidence::Place& place) {
    insert_place_.bind(1, of_topic);
    insert_place_.bind(2, place.partition);
    insert_place_.bind(3, place.offset);
    insert_place_.bind(4, row);
    run(insert_place_);
  };
  if (span.place.is_exact()) insert(topic, span.place);
  for (const evidence::Link& link : span.links)
    if (link.place.is_exact()) insert(text_id(link.place.topic), link.place);
}

void VolumeWriter::insert_links(const evidence::Span& span, std::int64_t row) {
  for (const evidence::Link& link : span.links) {
    bind_trace(insert_link_, 1, link.trace_id);
    insert_link_.bind(2, number_of(link.span_id));
    insert_link_.bind(3, row);
    run(insert_link_);
  }
}

std::string VolumeWriter::bytes_of_links(const evidence::Span& span) {
  BytesWriter bytes;
  for (const evidence::Link& link : span.links) {
    bytes.put(link.trace_id.bytes.data(), link.trace_id.bytes.size());
    bytes.put(number_of(link.span_id));
    put_place(bytes, text_id(link.place.topic), link.place);
  }
  return bytes.bytes();
}

void VolumeWriter::insert(const evidence::LogRecord& record) {
  SQLite::Statement& row = insert_record_;
  row.bind(1, record.time_ns);
  row.bind(2, record.severity);
  row.bind(3, text_id(record.event_name));
  row.bind(4, text_id(record.service));
  bind_trace(row, 5, record.trace_id);
  row.bind(6, number_of(record.span_id));
  row.bind(7, text_id(record.error_type));
  bind_blob(row, 8, record.text);
  bind_blob(row, 9, record.body);
  row.bind(10, text_id(record.resource));
  run(row);
  ++added_.log_records;
}

std::int64_t VolumeWriter::series_id(const evidence::Series& series) {
  const std::string key = key_of(series);
  if (const auto found = series_.find(key); found != series_.end()) return found->second;
  const auto bind = [&](SQLite::Statement& row) {
    row.bindNoCopy(1, series.metric);
    row.bind(2, static_cast<int>(series.kind));
    row.bindNoCopy(3, series.service);
    row.bindNoCopy(4, series.instance);
    row.bindNoCopy(5, series.topic);
    row.bind(6, series.partition);
    row.bindNoCopy(7, series.group);
    row.bindNoCopy(8, series.operation);
    row.bindNoCopy(9, series.error_type);
    row.bindNoCopy(10, series.others);
  };
  bind(find_series_);
  std::int64_t id = find_series_.executeStep() ? find_series_.getColumn(0).getInt64() : 0;
  find_series_.reset();
  if (id == 0) {
    bind(insert_series_);
    run(insert_series_);
    id = database_.getLastInsertRowid();
  }
  if (series_.size() >= kMostRemembered) series_.clear();
  series_.emplace(key, id);
  return id;
}

void VolumeWriter::insert(const evidence::MetricPoint& point) {
  SQLite::Statement& row = insert_point_;
  const std::string buckets = point.buckets.empty() ? std::string{} : bytes_of_histogram(point);
  learn_names(point.series.topic, point.series.service, point.series.group);
  row.bind(1, series_id(point.series));
  row.bind(2, point.time_ns);
  row.bind(3, point.start_ns);
  row.bind(4, point.value);
  row.bind(5, static_cast<std::int64_t>(point.count));
  bind_blob(row, 6, buckets);
  run(row);
  ++added_.points;
}

}  // namespace waybill::store::internal
