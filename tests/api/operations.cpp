// Operations that a program tells from begin to end: api-operations SITUATION BROKERS TOPIC OUT. Prints what
// it saw.

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "situations.h"

namespace {

waybill::Transaction begin(waybill::Producer& producer) {
  auto transaction = waybill::Transaction::begin(producer);
  require(transaction);
  return std::move(*transaction);
}

// Nothing is committed but what the program asks for.
waybill::Consumer committing(const Place& place) {
  return consumer_of(place, {{"enable.auto.commit", "false"}});
}

// Sends `count` messages to the topic, and waits for them.
void fill(const Place& place, int count) {
  waybill::Producer producer = producer_of(place, {{"client.id", "filler"}});
  for (int message = 0; message < count; ++message)
    require(producer.send({.topic = place.topic, .value = "order", .partition = 0}));
  require(producer.flush(10s));
}

void committed(const Place& place) {
  waybill::Producer producer = transactional(place);
  waybill::Transaction transaction = begin(producer);
  require(producer.send({place.out, "one"}));
  waybill::Transaction moved = std::move(transaction);
  require(producer.send({place.out, "two"}));
  say(moved.commit(10s));
  say(moved.commit(10s));
}

void aborted(const Place& place) {
  waybill::Producer producer = transactional(place);
  {
    waybill::Transaction transaction = begin(producer);
    require(producer.send({place.out, "one"}));
    say(transaction.abort(10s));
  }
  const waybill::Transaction left = begin(producer);
  require(producer.send({place.out, "two"}));
}

void left_by_exception(const Place& place) {
  waybill::Producer producer = transactional(place);
  try {
    const waybill::Transaction transaction = begin(producer);
    require(producer.send({place.out, "one"}));
    throw std::runtime_error{"no such customer"};
  } catch (const std::runtime_error& error) {
    std::printf("caught %s\n", error.what());
  }
}

// A message that is given up makes the commit fail, and only an abort can follow.
void message_failed(const Place& place) {
  waybill::Producer producer = producer_of(place, {{"transactional.id", own_name()}, {"linger.ms", "30000"}});
  init_transactions(producer);
  waybill::Transaction transaction = begin(producer);
  require(producer.send({place.out, "one"}));
  require(producer.purge());
  const waybill::KafkaResult<void> result = transaction.commit(10s);
  std::printf("%s\n", result ? "committed" : "not committed");
}

void fenced(const Place& place) {
  waybill::Producer producer = transactional(place);
  waybill::Transaction transaction = begin(producer);
  require(producer.send({place.out, "one"}));
  require(producer.flush(10s));
  waybill::Producer other = transactional(place);
  const waybill::KafkaResult<void> result = transaction.commit(10s);
  std::printf("%s\n", result ? "committed" : "not committed");
}

void within_processing(const Place& place) {
  fill(place, 1);
  waybill::Producer producer = transactional(place);
  waybill::Consumer consumer = committing(place);
  waybill::Record record = next(consumer);
  waybill::process(record, [&](waybill::Record&) {
    waybill::Transaction transaction = begin(producer);
    require(producer.send({place.out, "one"}));
    require(transaction.commit(10s));
  });
  require(producer_of(place).send({place.out, "afterwards"}));
}

void around_processing(const Place& place) {
  fill(place, 1);
  waybill::Producer producer = transactional(place);
  waybill::Consumer consumer = committing(place);
  waybill::Record record = next(consumer);
  waybill::Transaction transaction = begin(producer);
  waybill::process(record, [&](waybill::Record&) { require(producer.send({place.out, "one"})); });
  require(transaction.commit(10s));
}

// One commit of each kind, after the processing and within it.
void commits(const Place& place) {
  fill(place, 3);
  waybill::Consumer consumer = committing(place);
  waybill::Record first = next(consumer);
  waybill::process(first, [](waybill::Record&) {});
  say(consumer.commit());
  waybill::Record second = next(consumer);
  waybill::process(second, [](waybill::Record&) {});
  say(consumer.commit(second));
  waybill::Record third = next(consumer);
  waybill::process(third, [&](waybill::Record& record) { say(consumer.commit(record)); });
}

// What was stored is committed, though more was processed.
void stored(const Place& place) {
  fill(place, 2);
  waybill::Consumer consumer =
      consumer_of(place, {{"enable.auto.commit", "false"}, {"enable.auto.offset.store", "false"}});
  waybill::Record first = next(consumer);
  waybill::process(first, [](waybill::Record&) {});
  require(consumer.store(first));
  say(consumer.commit());
  say(consumer.commit());
}

// The partition of the first record is revoked before the commit.
void stored_and_revoked(const Place& place) {
  fill(place, 1);
  fill({place.brokers, place.out, {}}, 1);
  waybill::Consumer consumer =
      consumer_of(place, {{"enable.auto.commit", "false"}, {"enable.auto.offset.store", "false"}});
  waybill::Record first = next(consumer);
  waybill::process(first, [](waybill::Record&) {});
  require(consumer.store(first));
  require(consumer.subscribe({place.out}));
  waybill::Record second = next(consumer);
  waybill::process(second, [](waybill::Record&) {});
  require(consumer.store(second));
  say(consumer.commit());
}

void batch_committed(const Place& place) {
  fill(place, 3);
  waybill::Consumer consumer = committing(place);
  std::vector<waybill::Record> records;
  for (int at = 0; at < 3; ++at) records.push_back(next(consumer));
  waybill::Batch batch{std::move(records), {}};
  waybill::run_in(batch.process(), [] {});
  say(consumer.commit());
}

// Nobody knows what it belongs to.
void without_processing(const Place& place) {
  fill(place, 1);
  waybill::Consumer consumer = committing(place);
  const waybill::Record record = next(consumer);
  say(consumer.commit(record));
  say(consumer.commit());
}

void commit_failed(const Place& place) {
  fill(place, 1);
  waybill::Consumer consumer = committing(place);
  waybill::Record record = next(consumer);
  waybill::process(record, [](waybill::Record&) {});
  require(consumer.close());
  say(consumer.commit(record));
}

void offsets_in_transaction(const Place& place) {
  fill(place, 1);
  waybill::Producer producer = transactional(place);
  waybill::Consumer consumer = committing(place);
  waybill::Record record = next(consumer);
  waybill::Transaction transaction = begin(producer);
  waybill::process(record, [&](waybill::Record&) { require(producer.send({place.out, "one"})); });
  say(transaction.send_offsets(consumer.native_handle(), 10s));
  say(transaction.commit(10s));
}

// Each message carries its headers, and has its own report.
void batch(const Place& place) {
  waybill::Producer producer = producer_of(place);
  std::vector<waybill::OutgoingRecord> records;
  for (const char* value : {"one", "two", "three"})
    records.push_back({.topic = place.out, .value = value, .key = value, .partition = 0});
  std::vector<std::string> reports(records.size());
  const auto results =
      producer.send_batch(records, [&](std::size_t at, const waybill::DeliveryReport& report) {
        reports[at] = report.error ? "failed" : std::to_string(report.offset);
      });
  for (const auto& result : results) say(result);
  require(producer.send({place.topic, "alone"}));
  require(producer.flush(10s));
  for (const std::string& report : reports) std::printf("%s\n", report.c_str());
}

// One of them is too large, one has no such partition; the others go out.
void batch_in_part(const Place& place) {
  waybill::Producer producer = producer_of(place, {{"message.max.bytes", "1000"}});
  require(producer.send({place.out, "known"}));
  require(producer.flush(10s));
  const std::string large(2000, 'x');
  const auto results = producer.send_batch({{place.out, "one"},
                                            {place.out, large},
                                            {.topic = place.out, .value = "lost", .partition = 99},
                                            {place.topic, "four"}});
  for (const auto& result : results) say(result);
  require(producer.flush(10s));
}

void batch_purged(const Place& place) {
  waybill::Producer producer = producer_of(place, {{"linger.ms", "60000"}});
  for (const auto& result : producer.send_batch({{place.out, "one"}, {place.out, "two"}})) say(result);
  require(producer.purge());
  require(producer.flush(10s));
}

void batch_in_processing(const Place& place) {
  fill(place, 1);
  waybill::Producer producer = producer_of(place);
  waybill::Consumer consumer = committing(place);
  waybill::Record record = next(consumer);
  waybill::process(record, [&](waybill::Record&) {
    for (const auto& result : producer.send_batch({{place.out, "one"}, {place.out, "two"}})) require(result);
  });
  require(producer.flush(10s));
}

// One that brings a context of its own, and one that would become too large with ours.
void batch_without_context(const Place& place) {
  waybill::Producer producer = producer_of(place, {{"message.max.bytes", "1000"}});
  const std::string long_value(950, 'x');
  const std::string own = "00-" + std::string(32, 'a') + "-" + std::string(16, 'b') + "-01";
  for (const auto& result :
       producer.send_batch({{.topic = place.out, .value = "one", .headers = {{"traceparent", own}}},
                            {.topic = place.out, .value = long_value}}))
    say(result);
  require(producer.flush(10s));
}

// A wrapped producer's reports go to the application, so the span of the batch ends with the call.
void batch_wrapped(const Place& place) {
  waybill::Producer owner = producer_of(place);
  waybill::Producer producer = waybill::Producer::wrap(owner.native_handle());
  for (const auto& result : producer.send_batch({{place.out, "one"}, {place.out, "two"}})) say(result);
  for (const auto& result : producer.send_batch({{place.out, "none"}}, [](std::size_t, const auto&) {}))
    say(result);
  require(owner.flush(10s));
}

}  // namespace

int main(int count, char** values) {
  const Situations situations{
      {"committed", committed},
      {"aborted", aborted},
      {"left_by_exception", left_by_exception},
      {"message_failed", message_failed},
      {"fenced", fenced},
      {"within_processing", within_processing},
      {"around_processing", around_processing},
      {"commits", commits},
      {"stored", stored},
      {"stored_and_revoked", stored_and_revoked},
      {"batch_committed", batch_committed},
      {"without_processing", without_processing},
      {"commit_failed", commit_failed},
      {"offsets_in_transaction", offsets_in_transaction},
      {"batch", batch},
      {"batch_in_part", batch_in_part},
      {"batch_purged", batch_purged},
      {"batch_in_processing", batch_in_processing},
      {"batch_without_context", batch_without_context},
      {"batch_wrapped", batch_wrapped},
  };
  return run_situation(situations, count, values);
}
