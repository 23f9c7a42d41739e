#include "waybill/store/internal/volume_reader.h"

#include <sqlite3.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "waybill/store/internal/row_bytes.h"

namespace waybill::store::internal {
namespace {

constexpr std::size_t kMostRemembered = 20'000;
constexpr int kStepsBetweenLooks = 10'000;  // of SQLite's machine, at the clock: below a millisecond

const std::string kSpanColumns =
    "SELECT s.id, s.trace, s.span, s.parent, s.start, s.duration, s.kind, s.operation, s.failed, s.name, "
    "s.service, "
    "s.instance, s.error, s.topic, s.partition, s.offset, s.consumer_group, s.client, s.key, s.messages, "
    "s.acks, "
    "s.persistence, s.queue_ms, s.broker_ms, s.age_ms, s.outcome, s.adjusted_count, s.links, s.body, "
    "s.resource, s.unfinished ";

std::string bytes_of(const SQLite::Column& column) {
  const auto* bytes = static_cast<const char*>(column.getBlob());
  return bytes == nullptr ? std::string{} : std::string(bytes, static_cast<std::size_t>(column.getBytes()));
}

void take_id(const SQLite::Column& column, context::TraceId& id) {
  if (static_cast<std::size_t>(column.getBytes()) == id.bytes.size())
    std::memcpy(id.bytes.data(), column.getBlob(), id.bytes.size());
}

std::optional<double> real_of(const SQLite::Column& column) {
  if (column.isNull()) return std::nullopt;
  return column.getDouble();
}

void bind(SQLite::Statement& statement, int at, const context::TraceId& id) {
  statement.bind(at, id.bytes.data(), static_cast<int>(id.bytes.size()));
}

void bind_bytes(SQLite::Statement& statement, int at, const std::string& bytes) {
  statement.bind(at, bytes.data(), static_cast<int>(bytes.size()));
}

// The condition of a search, and its values in their order.
class Condition {
 public:
  void add(const std::string& sql, std::initializer_list<std::int64_t> values = {}) {
    sql_ += sql_.empty() ? " WHERE " : " AND ";
    sql_ += sql;
    numbers_.insert(numbers_.end(), values);
  }
  const std::string& sql() const { return sql_; }
  const std::vector<std::int64_t>& numbers() const { return numbers_; }

 private:
  std::string sql_;
  std::vector<std::int64_t> numbers_;
};

std::string list_of(const std::vector<evidence::Operation>& operations) {
  std::string list;
  for (const evidence::Operation operation : operations)
    list += (list.empty() ? "" : ",") + std::to_string(static_cast<int>(operation));
  return list;
}

void take_histogram(const SQLite::Column& column, evidence::MetricPoint& point) {
  const std::string bytes = bytes_of(column);
  if (bytes.empty()) return;
  BytesReader reader{bytes};
  const auto bounds = reader.take<std::uint32_t>();
  for (std::uint32_t at = 0; at < bounds && !reader.is_at_end(); ++at)
    point.bounds.push_back(reader.take<double>());
  while (!reader.is_at_end()) point.buckets.push_back(reader.take<std::uint64_t>());
}

evidence::Series series_of(SQLite::Statement& row) {
  evidence::Series series;
  series.metric = row.getColumn(1).getString();
  series.kind = static_cast<evidence::MetricKind>(row.getColumn(2).getInt());
  series.service = row.getColumn(3).getString();
  series.instance = row.getColumn(4).getString();
  series.topic = row.getColumn(5).getString();
  series.partition = row.getColumn(6).getInt();
  series.group = row.getColumn(7).getString();
  series.operation = row.getColumn(8).getString();
  series.error_type = row.getColumn(9).getString();
  series.others = row.getColumn(10).getString();
  return series;
}

}  // namespace

VolumeReader::VolumeReader(const std::string& file) : database_{file, SQLite::OPEN_READONLY, 10'000} {
  // Files are not mapped: of a store of 5 GB this process would seem to take it all.
  database_.exec("PRAGMA cache_size=-4096");
  sqlite3_progress_handler(database_.getHandle(), kStepsBetweenLooks, is_late, this);
}

int VolumeReader::is_late(void* reader) {
  const bool is = std::chrono::steady_clock::now() > static_cast<VolumeReader*>(reader)->give_up_at_;
  return is ? 1 : 0;
}

SQLite::Statement& VolumeReader::statement(const std::string& sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) found = statements_.try_emplace(sql, database_, sql).first;
  found->second.reset();
  return found->second;
}

const std::string& VolumeReader::text(std::int64_t id) {
  static const std::string none;
  if (id == 0) return none;
  if (const auto found = texts_.find(id); found != texts_.end()) return found->second;
  SQLite::Statement& row = statement("SELECT text FROM texts WHERE id = ?");
  row.bind(1, id);
  std::string found = row.executeStep() ? bytes_of(row.getColumn(0)) : std::string{};
  row.reset();
  if (texts_.size() >= kMostRemembered) texts_.clear();
  return texts_.emplace(id, std::move(found)).first->second;
}

// -1: nothing here has it.
std::int64_t VolumeReader::find_text(const std::string& text) {
  SQLite::Statement& row = statement("SELECT id FROM texts WHERE text = ?");
  bind_bytes(row, 1, text);
  const std::int64_t id = row.executeStep() ? row.getColumn(0).getInt64() : -1;
  row.reset();
  return id;
}

std::vector<evidence::Link> VolumeReader::links_of(const SQLite::Column& bytes) {
  const std::string blob = bytes_of(bytes);
  std::vector<evidence::Link> links;
  for (BytesReader reader{blob}; !reader.is_at_end();) {
    evidence::Link link;
    reader.take(link.trace_id.bytes.data(), link.trace_id.bytes.size());
    link.span_id = id_of(reader.take<std::int64_t>());
    link.place.topic = text(reader.take<std::int64_t>());
    link.place.partition = reader.take<std::int32_t>();
    link.place.offset = reader.take<std::int64_t>();
    links.push_back(std::move(link));
  }
  return links;
}

evidence::Span VolumeReader::span_of(SQLite::Statement& row) {
  evidence::Span span;
  take_id(row.getColumn(1), span.trace_id);
  span.span_id = id_of(row.getColumn(2).getInt64());
  span.parent_id = id_of(row.getColumn(3).getInt64());
  span.start_ns = row.getColumn(4).getInt64();
  span.end_ns = span.start_ns + row.getColumn(5).getInt64();
  span.kind = static_cast<evidence::SpanKind>(row.getColumn(6).getInt());
  span.operation = static_cast<evidence::Operation>(row.getColumn(7).getInt());
  span.failed = row.getColumn(8).getInt() != 0;
  span.name = text(row.getColumn(9).getInt64());
  span.service = text(row.getColumn(10).getInt64());
  span.instance = text(row.getColumn(11).getInt64());
  span.error_type = text(row.getColumn(12).getInt64());
  span.place.topic = text(row.getColumn(13).getInt64());
  span.place.partition = row.getColumn(14).getInt();
  span.place.offset = row.getColumn(15).getInt64();
  span.group = text(row.getColumn(16).getInt64());
  span.client_id = text(row.getColumn(17).getInt64());
  if (!row.getColumn(18).isNull()) span.key = bytes_of(row.getColumn(18));
  span.messages = row.getColumn(19).getUInt();
  if (!row.getColumn(20).isNull()) span.acks = row.getColumn(20).getInt();
  span.persistence = static_cast<evidence::Persistence>(row.getColumn(21).getInt());
  span.queue_ms = real_of(row.getColumn(22));
  span.broker_ms = real_of(row.getColumn(23));
  span.age_ms = real_of(row.getColumn(24));
  span.outcome = text(row.getColumn(25).getInt64());
  span.adjusted_count = real_of(row.getColumn(26));
  span.links = links_of(row.getColumn(27));
  span.body = bytes_of(row.getColumn(28));
  span.resource = text(row.getColumn(29).getInt64());
  span.unfinished = row.getColumn(30).getInt() != 0;
  return span;
}

std::vector<evidence::Span> VolumeReader::spans(SQLite::Statement& rows) {
  std::vector<evidence::Span> all;
  while (rows.executeStep()) all.push_back(span_of(rows));
  rows.reset();
  return all;
}

std::vector<evidence::Span> VolumeReader::spans_of(const context::TraceId& trace, std::size_t most) {
  SQLite::Statement& rows = statement(kSpanColumns + "FROM spans s WHERE s.trace = ? LIMIT ?");
  bind(rows, 1, trace);
  rows.bind(2, static_cast<std::int64_t>(most));
  return spans(rows);
}

std::vector<evidence::Span> VolumeReader::spans_linking_to(const context::TraceId& trace, std::size_t most) {
  SQLite::Statement& rows =
      statement(kSpanColumns + "FROM spans s WHERE s.id IN (SELECT id FROM links WHERE trace = ?) LIMIT ?");
  bind(rows, 1, trace);
  rows.bind(2, static_cast<std::int64_t>(most));
  return spans(rows);
}

std::vector<evidence::Span> VolumeReader::spans_at(const evidence::Place& place, std::size_t most) {
  const std::int64_t topic = find_text(place.topic);
  if (topic < 0) return {};
  SQLite::Statement& rows = statement(kSpanColumns +
                                      "FROM spans s WHERE s.id IN (SELECT id FROM places WHERE topic = ? AND "
                                      "partition = ? AND offset = ?) LIMIT ?");
  rows.bind(1, topic);
  rows.bind(2, place.partition);
  rows.bind(3, place.offset);
  rows.bind(4, static_cast<std::int64_t>(most));
  return spans(rows);
}

std::vector<VolumeReader::Row> VolumeReader::search(const SpanQuery& query, bool goes_on_here) {
  Condition condition;
  const std::int64_t latest = std::min(query.window.to_ns, query.before.start_ns);
  condition.add("s.start >= ?", {query.window.from_ns});
  condition.add("s.start <= ?", {latest});
  if (goes_on_here) condition.add("(s.start < ? OR s.id < ?)", {query.before.start_ns, query.before.row});
  // Failures are few: their index is looked through, and not the topic's.
  const char* const of_topic = query.only_failed ? "+s.topic = ?" : "s.topic = ?";
  for (const auto& [column, text] :
       {std::pair{of_topic, &query.place.topic}, std::pair{"s.service = ?", &query.service},
        std::pair{"s.consumer_group = ?", &query.group}}) {
    if (text->empty()) continue;
    const std::int64_t id = find_text(*text);
    if (id < 0) return {};
    condition.add(column, {id});
  }
  if (query.place.is_exact()) {
    condition.add("s.id IN (SELECT id FROM places WHERE topic = ? AND partition = ? AND offset = ?)",
                  {find_text(query.place.topic), query.place.partition, query.place.offset});
  } else if (!query.place.topic.empty() && !query.only_failed) {
    condition.add("s.topic > 0");
  }
  if (query.place.partition >= 0) condition.add("s.partition = ?", {query.place.partition});
  if (query.place.offset >= 0) condition.add("s.offset = ?", {query.place.offset});
  if (query.only_failed) condition.add("s.failed = 1");
  if (!query.operations.empty()) condition.add("s.operation IN (" + list_of(query.operations) + ")");
  if (query.has_key) condition.add("s.key = ?");
  SQLite::Statement& rows = statement(kSpanColumns + "FROM spans s" + condition.sql() +
                                      " ORDER BY s.start DESC, s.id DESC LIMIT ?");
  int at = 1;
  for (const std::int64_t number : condition.numbers()) rows.bind(at++, number);
  if (query.has_key) bind_bytes(rows, at++, query.key);
  rows.bind(at, static_cast<std::int64_t>(query.most));
  std::vector<Row> all;
  while (rows.executeStep()) all.push_back({rows.getColumn(0).getInt64(), span_of(rows)});
  rows.reset();
  return all;
}

std::vector<evidence::LogRecord> VolumeReader::log_records_of(const context::TraceId& trace,
                                                              std::size_t most) {
  SQLite::Statement& rows = statement(
      "SELECT time, severity, event, service, span, error, text, body, resource FROM log_records WHERE trace "
      "= ? "
      "ORDER BY time LIMIT ?");
  bind(rows, 1, trace);
  rows.bind(2, static_cast<std::int64_t>(most));
  std::vector<evidence::LogRecord> all;
  while (rows.executeStep()) {
    evidence::LogRecord record;
    record.time_ns = rows.getColumn(0).getInt64();
    record.severity = rows.getColumn(1).getInt();
    record.event_name = text(rows.getColumn(2).getInt64());
    record.service = text(rows.getColumn(3).getInt64());
    record.trace_id = trace;
    record.span_id = id_of(rows.getColumn(4).getInt64());
    record.error_type = text(rows.getColumn(5).getInt64());
    record.text = bytes_of(rows.getColumn(6));
    record.body = bytes_of(rows.getColumn(7));
    record.resource = text(rows.getColumn(8).getInt64());
    all.push_back(std::move(record));
  }
  rows.reset();
  return all;
}

std::vector<evidence::MetricPoint> VolumeReader::points(const PointQuery& query, std::size_t most) {
  std::vector<evidence::MetricPoint> all;
  for (const std::string& metric : query.metrics) {
    SQLite::Statement& series = statement(
        "SELECT id, metric, kind, service, instance, topic, partition, consumer_group, operation, error, "
        "others FROM series "
        "WHERE metric = ?1 AND (?2 = '' OR topic = ?2) AND (?3 = '' OR consumer_group = ?3)");
    series.bind(1, metric);
    series.bind(2, query.topic);
    series.bind(3, query.group);
    while (series.executeStep()) {
      const evidence::Series of = series_of(series);
      SQLite::Statement& rows = statement(
          "SELECT time, start, value, count, buckets FROM points WHERE series = ? AND time >= ? AND time <= "
          "? "
          "ORDER BY time LIMIT ?");
      rows.bind(1, series.getColumn(0).getInt64());
      rows.bind(2, query.window.from_ns);
      rows.bind(3, query.window.to_ns);
      rows.bind(4, static_cast<std::int64_t>(most - std::min(most, all.size())));
      while (rows.executeStep()) {
        evidence::MetricPoint point;
        point.series = of;
        point.time_ns = rows.getColumn(0).getInt64();
        point.start_ns = rows.getColumn(1).getInt64();
        point.value = rows.getColumn(2).getDouble();
        point.count = static_cast<std::uint64_t>(rows.getColumn(3).getInt64());
        take_histogram(rows.getColumn(4), point);
        all.push_back(std::move(point));
      }
      rows.reset();
    }
    series.reset();
  }
  return all;
}

void VolumeReader::add_names(Store::NameKind kind, const std::string& prefix, std::size_t most,
                             std::set<std::string>& names) {
  SQLite::Statement& rows =
      statement("SELECT name FROM names WHERE kind = ? AND substr(name, 1, ?) = ? ORDER BY name LIMIT ?");
  rows.bind(1, static_cast<int>(kind));
  rows.bind(2, static_cast<std::int64_t>(prefix.size()));
  bind_bytes(rows, 3, prefix);
  rows.bind(4, static_cast<std::int64_t>(most));
  while (rows.executeStep()) names.insert(bytes_of(rows.getColumn(0)));
  rows.reset();
}

Status VolumeReader::count() {
  Status status;
  const auto number = [&](const std::string& sql) {
    SQLite::Statement& row = statement(sql);
    const std::int64_t value =
        row.executeStep() && !row.getColumn(0).isNull() ? row.getColumn(0).getInt64() : 0;
    row.reset();
    return value;
  };
  status.spans = static_cast<std::uint64_t>(number("SELECT count(*) FROM spans"));
  status.log_records = static_cast<std::uint64_t>(number("SELECT count(*) FROM log_records"));
  status.points = static_cast<std::uint64_t>(number("SELECT count(*) FROM points"));
  const std::string times =
      "(SELECT min(start) AS first, max(start) AS last FROM spans UNION ALL "
      "SELECT min(time), max(time) FROM log_records UNION ALL SELECT min(time), max(time) FROM points)";
  status.oldest_ns = number("SELECT min(first) FROM " + times);
  status.newest_ns = number("SELECT max(last) FROM " + times);
  return status;
}

}  // namespace waybill::store::internal
