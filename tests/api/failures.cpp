// What goes wrong, one at a time: api-failures SITUATION BROKERS TOPIC OUT. Prints what it saw.

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "situations.h"
#include "waybill/client/baggage.h"
#include "waybill/client/context_scope.h"
#include "waybill/client/span_context.h"
#include "waybill/client/waybill.h"

namespace {

struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A message, sent and got back; the last to be made is the first to go.
struct RoundTrip {
  waybill::Producer producer;
  waybill::Consumer consumer;
  waybill::Record record;
};

RoundTrip round_trip(const Place& place, std::vector<waybill::Header> headers = {}) {
  waybill::Producer producer = producer_of(place);
  require(producer.send({.topic = place.topic, .value = "order", .headers = std::move(headers)}));
  require(producer.flush(10s));
  waybill::Consumer consumer = consumer_of(place);
  waybill::Record record = next(consumer);
  return {std::move(producer), std::move(consumer), std::move(record)};
}

std::string hex_of(const std::array<std::uint8_t, 8>& id) {
  std::string text;
  for (const std::uint8_t byte : id) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

// The queue has one place.
void queue_full(const Place& place) {
  waybill::Producer producer =
      producer_of(place, {{"queue.buffering.max.messages", "1"}, {"linger.ms", "60000"}});
  int reports = 0;
  say(producer.send({place.topic, "first"}, [&](const auto&) { ++reports; }));
  say(producer.send({.topic = place.topic, .value = "second", .key = "key"},
                    [&](const auto&) { ++reports; }));
  require(producer.flush(10s));
  std::printf("%d report\n", reports);
}

void too_large(const Place& place) {
  waybill::Producer producer = producer_of(place, {{"message.max.bytes", "1000"}});
  const std::string value(2000, 'x');
  say(producer.send({place.topic, value}));
}

// librdkafka tells interceptors of this one, inside the call.
void unknown_partition(const Place& place) {
  waybill::Producer producer = producer_of(place);
  require(producer.send({place.topic, "known"}));
  require(producer.flush(10s));
  say(producer.send({.topic = place.topic, .value = "lost", .partition = 99}));
}

void purged(const Place& place) {
  waybill::Producer producer = producer_of(place, {{"linger.ms", "60000"}});
  require(producer.send({place.topic, "waits"}, [](const waybill::DeliveryReport& report) {
    std::printf("%s\n", rd_kafka_err2name(report.error->code));
  }));
  require(producer.purge());
  require(producer.flush(10s));
}

// Each report comes, although nobody flushed.
void destroyed(const Place& place) {
  waybill::Producer producer = producer_of(place, {{"linger.ms", "60000"}});
  require(producer.send({place.topic, "waits"}, [](const waybill::DeliveryReport& report) {
    std::printf("%s\n", rd_kafka_err2name(report.error->code));
  }));
}

void throwing_callback(const Place& place) {
  waybill::Producer producer = producer_of(place);
  int reports = 0;
  for (int message = 0; message < 3; ++message) {
    require(producer.send({place.topic, "value"}, [&](const auto&) {
      ++reports;
      throw Refused{"by the callback"};
    }));
  }
  int thrown = 0;
  while (reports < 3 || thrown == 0) {
    try {
      (void)producer.flush(10s);
    } catch (const Refused&) {
      ++thrown;
    }
  }
  std::printf("%d reports, thrown: %s\n", reports, thrown > 0 ? "yes" : "no");
}

// What the callbacks throw leaves the call that served them, and a destructor keeps it for the next one.
void throwing_in_transaction(const Place& place) {
  waybill::Producer producer = transactional(place);
  // The broker knows of the transaction before it ends: librdkafka (2.0.2 at least) may otherwise ask it to
  // abort one that it has not begun, while it still writes the end of the one before, and gets a fatal error
  // for it.
  const auto send = [&] {
    require(producer.send({.topic = place.topic, .value = "known", .partition = 0}));
    require(producer.flush(10s));
    require(producer.send({.topic = place.topic, .value = "value", .partition = 0},
                          [](const auto&) { throw Refused{"by the callback"}; }));
  };
  const auto say_thrown = [](const char* what, const std::function<void()>& call) {
    try {
      call();
      std::printf("%s: nothing\n", what);
    } catch (const Refused&) {
      std::printf("%s: thrown\n", what);
    }
  };
  {
    auto transaction = waybill::Transaction::begin(producer);
    require(transaction);
    send();
    say_thrown("commit", [&] { (void)transaction->commit(10s); });
    std::printf("after it: %s\n", transaction->commit(10s) ? "committed" : "it has ended");
  }
  {
    auto transaction = waybill::Transaction::begin(producer);
    require(transaction);
    send();
    say_thrown("abort", [&] { (void)transaction->abort(10s); });
  }
  say_thrown("destructor", [&] {
    auto transaction = waybill::Transaction::begin(producer);
    require(transaction);
    send();
  });
  say_thrown("poll", [&] { producer.poll(0s); });
}

void throwing_handler(const Place& place) {
  auto [producer, consumer, record] = round_trip(place);
  try {
    waybill::process(record, [](waybill::Record&) -> int { throw Refused{"no such customer"}; });
  } catch (const Refused& refused) {
    std::printf("caught %s\n", refused.what());
  }
  try {
    const waybill::ProcessScope scope = record.process();
    throw Refused{"of a plain scope"};
  } catch (const Refused&) {
  }
  try {
    waybill::process(record, [](waybill::Record&) { throw 42; });
  } catch (int number) {
    std::printf("caught %d\n", number);
  }
  waybill::ProcessScope scope = record.process();
  scope.fail("card_declined", "card 4711 was declined");
  scope.fail("a second reason");
  scope.end();
  scope.end();
}

// A batch, each message in it, and what is sent meanwhile.
void nested(const Place& place) {
  waybill::Producer producer = producer_of(place);
  for (const char* value : {"one", "two"})
    require(producer.send({.topic = place.topic, .value = value, .partition = 0}));
  require(producer.flush(10s));
  waybill::Consumer consumer = consumer_of(place);
  std::vector<waybill::Record> records;
  while (records.size() < 2) {
    waybill::Batch batch = consumer.poll_batch(2 - records.size(), 1s);
    for (waybill::Record& record : batch.records) records.push_back(std::move(record));
  }
  waybill::Batch batch{std::move(records), {}};
  {
    const waybill::ProcessScope whole = batch.process();
    for (waybill::Record& record : batch.records) {
      waybill::process(record, [&](waybill::Record& one) {
        require(producer.send({.topic = place.out, .value = one.value()}));
      });
    }
    require(producer.send({place.out, "of the batch"}));
  }
  require(producer.send({place.out, "of nobody"}));
  require(producer.flush(10s));
}

// A place among the messages where there is none, as one that was moved away leaves it.
void moved_away(const Place& place) {
  RoundTrip trip = round_trip(place);
  rd_kafka_message_t* messages[] = {trip.record.native_handle(), nullptr};
  waybill::ProcessScope{trip.record.client(), messages, 2}.end();
  std::printf("processed\n");
}

// Another thread processes what this one has polled; nothing is current here meanwhile.
void other_thread(const Place& place) {
  RoundTrip trip = round_trip(place);
  std::thread worker{[&] {
    waybill::process(trip.record, [&](waybill::Record&) {
      std::printf("%zu headers there\n", waybill::current_headers().size());
      require(trip.producer.send({place.out, "there"}));
    });
  }};
  worker.join();
  std::printf("%zu headers here\n", waybill::current_headers().size());
  require(trip.producer.send({place.out, "here"}));
  require(trip.producer.flush(10s));
}

// Three scopes, one in the other, of which each but the outermost ends where or when it should not.
void any_order(const Place& place) {
  auto [producer, consumer, record] = round_trip(place);
  const auto print_current = [](const char* when) {
    const auto current = waybill::current_context();
    std::printf("%s %s\n", when, current ? hex_of(current->span_id).c_str() : "none");
  };
  waybill::ProcessScope outermost = record.process();
  print_current("outermost");
  waybill::ProcessScope middle = record.process();
  waybill::ProcessScope inner = record.process();
  print_current("inner");
  middle.end();
  print_current("middle has ended:");
  std::thread{[&] { inner.end(); }}.join();
  print_current("both have ended:");
  outermost.end();
  print_current("all have ended:");
}

// A context by another way than Kafka, with what is sent and processed within it.
void other_way(const Place& place) {
  auto [producer, consumer, record] = round_trip(place);
  {
    const waybill::ContextScope request{
        {{"Accept", "*/*"},
         {"Traceparent", "00-" + std::string(32, 'a') + "-" + std::string(16, 'b') + "-01"}}};
    require(producer.send({place.out, "within the request"}));
    const waybill::ProcessScope scope = record.process();
    require(producer.send({place.out, "within its processing"}));
  }
  const waybill::ContextScope none{{{"Accept", "*/*"}, {"traceparent", "nonsense"}}};
  require(producer.send({place.out, "within nothing"}));
  require(producer.flush(10s));
}

// What came with a message, and what another way brought.
void baggage(const Place& place) {
  const std::string long_value(700, 'v');
  const std::string text = "tenant=acme%20%26%20sons;ttl=3, user = alice,long=" + long_value;
  const auto [producer, consumer, record] = round_trip(place, {{"baggage", text}});
  const auto print = [](const char* key) {
    std::printf("%s: %s\n", key, waybill::baggage_value(key).value_or("none").c_str());
  };
  print("tenant");
  {
    const waybill::ProcessScope scope = record.process();
    print("tenant");
    print("user");
    print("ttl");
    std::printf("long: %zu\n", waybill::baggage_value("long").value_or("").size());
    const waybill::ContextScope within{{{"Baggage", "tenant=other,broken=%FF"}}};
    print("tenant");
    print("user");
    std::printf("broken: %zu\n", waybill::baggage_value("broken").value_or("").size());
    char cut[4];
    std::printf("%td %s\n", waybill_baggage("tenant", cut, sizeof cut), cut);
    std::printf("%td %s.\n", waybill_baggage("user", cut, sizeof cut), cut);
    std::printf("%td\n", waybill_baggage("tenant", nullptr, 0));
  }
  print("tenant");
}

// Scopes end in another order than they began, move, and outlive the consumer.
void lifetimes(const Place& place) {
  waybill::Producer producer = producer_of(place);
  require(producer.send({place.topic, "order"}));
  require(producer.flush(10s));
  std::optional<waybill::ProcessScope> late;
  {
    waybill::Consumer consumer = consumer_of(place);
    const waybill::Record record = next(consumer);
    std::optional<waybill::ProcessScope> outer{record.process()};
    std::optional<waybill::ProcessScope> inner{record.process()};
    outer.reset();
    require(producer.send({place.out, "inner"}));
    inner.reset();
    require(producer.send({place.out, "none"}));
    waybill::ProcessScope first = record.process();
    waybill::ProcessScope second = std::move(first);
    first = record.process();
    second.end();
    late.emplace(record.process());
    waybill::Consumer moved = std::move(consumer);
  }
  late.reset();
  waybill::Producer moved = std::move(producer);
  producer = std::move(moved);
  require(producer.flush(10s));
  std::printf("done\n");
}

void two_threads(const Place& place) {
  waybill::Producer producer = producer_of(place);
  std::atomic<int> reports = 0;
  const auto send = [&] {
    for (int message = 0; message < 500; ++message)
      require(producer.send({place.topic, "value"},
                            [&](const auto& report) { reports += report.error ? 0 : 1; }));
  };
  std::thread one{send};
  std::thread two{send};
  one.join();
  two.join();
  require(producer.flush(30s));
  std::printf("%d reports\n", reports.load());
}

void wrong_property(const Place& place) {
  const auto producer =
      waybill::Producer::create({{"bootstrap.servers", place.brokers}, {"no.such.property", "1"}});
  std::printf("%s\n", producer ? "made" : producer.error().message.c_str());
}

// rd_kafka_new has seen the interceptors when it fails.
void late_failure(const Place& place) {
  for (int turn = 0; turn < 3; ++turn) {
    const auto producer = waybill::Producer::create({{"bootstrap.servers", place.brokers},
                                                     {"security.protocol", "ssl"},
                                                     {"ssl.ca.location", "/there/is/no/such/file"}});
    std::printf("%s\n", producer ? "made" : "not made");
  }
  waybill::Producer producer = producer_of(place);
  require(producer.send({place.topic, "value"}));
  require(producer.flush(10s));
}

// The producer's own reports cannot be switched off.
void reports_of_errors_only(const Place& place) {
  waybill::Producer producer = producer_of(place, {{"delivery.report.only.error", "true"}});
  auto report = producer.send_with_future({place.topic, "value"});
  require(report);
  require(producer.flush(10s));
  std::printf("%s\n", report->wait_for(0s) == std::future_status::ready ? "reported" : "not reported");
  waybill::Producer wrapped = waybill::Producer::wrap(producer.native_handle());
  say(wrapped.send({place.topic, "value"}, [](const auto&) {}));
}

}  // namespace

int main(int count, char** values) {
  const Situations situations{
      {"queue_full", queue_full},
      {"too_large", too_large},
      {"unknown_partition", unknown_partition},
      {"purged", purged},
      {"destroyed", destroyed},
      {"throwing_callback", throwing_callback},
      {"throwing_in_transaction", throwing_in_transaction},
      {"throwing_handler", throwing_handler},
      {"nested", nested},
      {"moved_away", moved_away},
      {"other_thread", other_thread},
      {"any_order", any_order},
      {"other_way", other_way},
      {"baggage", baggage},
      {"lifetimes", lifetimes},
      {"two_threads", two_threads},
      {"wrong_property", wrong_property},
      {"late_failure", late_failure},
      {"reports_of_errors_only", reports_of_errors_only},
  };
  return run_situation(situations, count, values);
}
