#pragma once

namespace waybill::store::internal {

// Grows when a table changes: a store of another version is left alone, and said so.
inline constexpr int kSchemaVersion = 1;

// Of one volume. Texts that many rows share stand once in `texts`. What is looked up by place or by link has
// a table of its own, because a batch has many of each.
inline constexpr const char* kSchema = R"sql(
CREATE TABLE texts(id INTEGER PRIMARY KEY, text BLOB NOT NULL UNIQUE);
CREATE TABLE spans(
  id INTEGER PRIMARY KEY,
  trace BLOB NOT NULL, span INTEGER NOT NULL, parent INTEGER NOT NULL,
  start INTEGER NOT NULL, duration INTEGER NOT NULL,
  kind INTEGER NOT NULL, operation INTEGER NOT NULL, failed INTEGER NOT NULL,
  name INTEGER NOT NULL, service INTEGER NOT NULL, instance INTEGER NOT NULL, error INTEGER NOT NULL,
  topic INTEGER NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
  consumer_group INTEGER NOT NULL, client INTEGER NOT NULL, key BLOB, messages INTEGER NOT NULL,
  acks INTEGER, persistence INTEGER NOT NULL, queue_ms REAL, broker_ms REAL, age_ms REAL,
  outcome INTEGER NOT NULL, adjusted_count REAL,
  links BLOB, body BLOB NOT NULL, resource INTEGER NOT NULL, unfinished INTEGER NOT NULL);
CREATE UNIQUE INDEX spans_by_id ON spans(trace, span);
CREATE INDEX spans_by_start ON spans(start);
CREATE INDEX spans_by_topic ON spans(topic, start) WHERE topic > 0;
CREATE INDEX spans_by_key ON spans(key, start) WHERE key IS NOT NULL;
CREATE INDEX spans_by_failure ON spans(start) WHERE failed = 1;
CREATE TABLE places(topic INTEGER, partition INTEGER, offset INTEGER, id INTEGER,
  PRIMARY KEY(topic, partition, offset, id)) WITHOUT ROWID;
CREATE TABLE links(trace BLOB, span INTEGER, id INTEGER, PRIMARY KEY(trace, span, id)) WITHOUT ROWID;
CREATE TABLE names(kind INTEGER, name BLOB, PRIMARY KEY(kind, name)) WITHOUT ROWID;
CREATE TABLE log_records(
  id INTEGER PRIMARY KEY, time INTEGER NOT NULL, severity INTEGER NOT NULL, event INTEGER NOT NULL,
  service INTEGER NOT NULL, trace BLOB NOT NULL, span INTEGER NOT NULL, error INTEGER NOT NULL,
  text BLOB NOT NULL, body BLOB NOT NULL, resource INTEGER NOT NULL);
CREATE INDEX log_records_by_trace ON log_records(trace);
CREATE TABLE series(
  id INTEGER PRIMARY KEY, metric TEXT NOT NULL, kind INTEGER NOT NULL, service TEXT NOT NULL,
  instance TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, consumer_group TEXT NOT NULL,
  operation TEXT NOT NULL, error TEXT NOT NULL, others TEXT NOT NULL,
  UNIQUE(metric, kind, service, instance, topic, partition, consumer_group, operation, error, others));
CREATE TABLE points(series INTEGER, time INTEGER, start INTEGER NOT NULL, value REAL NOT NULL, count INTEGER NOT NULL,
  buckets BLOB, PRIMARY KEY(series, time)) WITHOUT ROWID;
)sql";

}  // namespace waybill::store::internal
