// Code of the application's that telemetry calls: api-extensions SITUATION BROKERS TOPIC. Prints what it saw.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "waybill/client/consumer.h"
#include "waybill/client/custom_sampler.h"
#include "waybill/client/message_attributes.h"
#include "waybill/client/producer.h"
#include "waybill/client/span_exporter.h"
#include "waybill/client/telemetry_builder.h"

using namespace std::chrono_literals;

namespace {

struct Place {
  std::string brokers, topic;
};

template <typename Result>
void require(const Result& result) {
  if (result) return;
  std::printf("unexpected: %s\n", result.error().message.c_str());
  std::exit(99);
}

waybill::Producer producer_of(const Place& place) {
  auto producer =
      waybill::Producer::create({{"bootstrap.servers", place.brokers}, {"client.id", "checkout-1"}});
  require(producer);
  return std::move(*producer);
}

void send(const Place& place, int count) {
  waybill::Producer producer = producer_of(place);
  for (int message = 0; message < count; ++message) require(producer.send({place.topic, "value"}));
  require(producer.flush(30s));
}

void send_on_two_threads(const Place& place, int count) {
  waybill::Producer producer = producer_of(place);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 2; ++thread) {
    threads.emplace_back([&] {
      for (int message = 0; message < count; ++message) require(producer.send({place.topic, "value"}));
    });
  }
  for (std::thread& thread : threads) thread.join();
  require(producer.flush(30s));
}

// Gets one message and processes it. In a group of its own: the mock cluster lets none into one that was
// left.
void consume_one(const Place& place) {
  auto consumer = waybill::Consumer::create({{"bootstrap.servers", place.brokers},
                                             {"group.id", "group-" + place.topic},
                                             {"auto.offset.reset", "earliest"}});
  require(consumer);
  require(consumer->subscribe({place.topic}));
  for (;;) {
    auto polled = consumer->poll(1s);
    require(polled);
    if (!*polled) continue;
    waybill::process(**polled, [](const waybill::Record&) {});
    return;
  }
}

// Samples every second operation that it is asked about.
class EverySecond : public waybill::CustomSampler {
 public:
  bool should_sample(const waybill::SpanStart&) override { return asked_++ % 2 == 0; }
  int asked() const { return asked_; }

 private:
  std::atomic<int> asked_{0};
};

// Says what it is asked.
class Curious : public waybill::CustomSampler {
 public:
  bool should_sample(const waybill::SpanStart& span) override {
    std::printf("%s %s %s %s%s\n", text(span.operation).c_str(), text(span.client_id).c_str(),
                text(span.consumer_group).c_str(), span.parent == nullptr ? "root" : "child",
                span.parent_is_remote ? " of a message" : "");
    return true;
  }

 private:
  static std::string text(std::string_view view) { return view.empty() ? "-" : std::string{view}; }
};

class Throwing : public waybill::CustomSampler {
 public:
  bool should_sample(const waybill::SpanStart&) override {
    if (asked_++ % 2 == 0) throw std::runtime_error{"no idea"};
    throw 7;
  }

 private:
  std::atomic<int> asked_{0};
};

void sampler(const Place& place) {
  auto every_second = std::make_shared<EverySecond>();
  auto telemetry = waybill::Telemetry::builder().sampler(every_second).build();
  require(telemetry);
  send_on_two_threads(place, 500);
  std::printf("asked %d times\n", every_second->asked());
  telemetry->shutdown(30s);
  send(place, 10);
  std::printf("asked %d times\n", every_second->asked());
}

// Objects of the application's live no longer than their telemetry.
void sampler_goes(const Place& place) {
  for (int turn = 0; turn < 3; ++turn) {
    auto every_second = std::make_shared<EverySecond>();
    {
      auto telemetry = waybill::Telemetry::builder().sampler(every_second).build();
      require(telemetry);
      send(place, 10);
    }
    std::printf("asked %d times, held %ld times\n", every_second->asked(), every_second.use_count());
  }
}

void sampler_sees(const Place& place) {
  auto telemetry = waybill::Telemetry::builder().sampler(std::make_shared<Curious>()).build();
  require(telemetry);
  send(place, 1);
  consume_one(place);
}

// The batch, and each of its messages.
void sampler_sees_batch(const Place& place) {
  auto telemetry = waybill::Telemetry::builder().sampler(std::make_shared<Curious>()).build();
  require(telemetry);
  waybill::Producer producer = producer_of(place);
  for (const auto& sent : producer.send_batch({{place.topic, "one"}, {place.topic, "two"}})) require(sent);
  require(producer.flush(30s));
}

void sampler_of_roots(const Place& place) {
  auto telemetry =
      waybill::Telemetry::builder().sampler(waybill::parent_based(std::make_shared<Curious>())).build();
  require(telemetry);
  send(place, 1);
  consume_one(place);
}

void sampler_throws(const Place& place) {
  auto telemetry = waybill::Telemetry::builder().sampler(std::make_shared<Throwing>()).build();
  require(telemetry);
  send(place, 20);
}

// What it sees of the message, and one of each type.
void describe(const waybill::MessageView& message, waybill::MessageAttributes& attributes) {
  attributes.set("app.topic", message.topic());
  attributes.set("app.key", message.key().value_or("none"));
  attributes.set("app.value", message.value().value_or("none"));
  attributes.set("app.tenant", message.header("tenant").value_or("none"));
  attributes.set("app.outgoing", message.is_outgoing());
  attributes.set("app.literal", "text");
  attributes.set("app.count", 7);
  attributes.set("app.share", 0.5);
  attributes.set("messaging.system", "mine");
}

void send_order(waybill::Producer& producer, const Place& place, bool has_key) {
  waybill::OutgoingRecord record{place.topic};
  if (has_key) record.key = "key";
  if (has_key) record.value = "2 apples";
  record.headers = {{"tenant", "us"}, {"tenant", "eu"}};
  require(producer.send(record));
}

void attributes(const Place& place) {
  auto telemetry = waybill::Telemetry::builder().attributes(describe).build();
  require(telemetry);
  {
    waybill::Producer producer = producer_of(place);
    send_order(producer, place, true);
    send_order(producer, place, false);
    require(producer.flush(30s));
  }
  consume_one(place);
}

// The second one finds no place, the first one is given up.
void attributes_of_refused(const Place& place) {
  auto telemetry = waybill::Telemetry::builder().attributes(describe).build();
  require(telemetry);
  auto producer = waybill::Producer::create(
      {{"bootstrap.servers", "127.0.0.1:1"}, {"queue.buffering.max.messages", "1"}});
  require(producer);
  send_order(*producer, place, true);
  const auto sent = producer->send({place.topic, "3 pears", "key", {{"tenant", "eu"}}});
  std::printf("%s\n", sent ? "sent" : rd_kafka_err2name(sent.error().code));
}

void attributes_throw(const Place& place) {
  std::atomic<int> calls{0};
  auto telemetry = waybill::Telemetry::builder()
                       .attributes([&](const waybill::MessageView&, waybill::MessageAttributes& attributes) {
                         attributes.set("app.call", calls++);
                         throw std::runtime_error{"no idea"};
                       })
                       .build();
  require(telemetry);
  send_on_two_threads(place, 100);
  telemetry->shutdown(30s);
  send(place, 10);
  std::printf("called %d times\n", calls.load());
}

void many_attributes(const Place& place) {
  auto telemetry = waybill::Telemetry::builder()
                       .attributes([](const waybill::MessageView&, waybill::MessageAttributes& attributes) {
                         for (int number = 0; number < 40; ++number)
                           attributes.set("app." + std::to_string(number), number);
                       })
                       .build();
  require(telemetry);
  send(place, 1);
}

void attributes_of_unsampled(const Place& place) {
  std::atomic<int> calls{0};
  auto telemetry = waybill::Telemetry::builder()
                       .sampler(waybill::always_off())
                       .attributes([&](const waybill::MessageView&, waybill::MessageAttributes&) { ++calls; })
                       .build();
  require(telemetry);
  send(place, 10);
  telemetry->shutdown(30s);
  std::printf("called %d times\n", calls.load());
}

template <typename Bytes>
std::string hex(const Bytes& bytes) {
  std::string text;
  char digits[3];
  for (const std::uint8_t byte : bytes) {
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

std::string text_of(const waybill::AttributeValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string{*text};
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&value)) return std::to_string(*number);
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  std::string all;
  for (const std::string_view text : std::get<waybill::ListView<std::string_view>>(value))
    all += "[" + std::string{text} + "]";
  return all;
}

std::string value_of(waybill::ListView<waybill::SpanAttribute> attributes, std::string_view name) {
  for (const waybill::SpanAttribute& one : attributes) {
    if (one.name == name) return text_of(one.value);
  }
  return "-";
}

// Prints what it gets.
class Printer : public waybill::SpanExporter {
 public:
  bool export_spans(waybill::ListView<waybill::SpanData> spans) override {
    for (const waybill::SpanData& span : spans) print(span);
    return true;
  }
  void shutdown() override { std::printf("shut down\n"); }

 private:
  static void print(const waybill::SpanData& span) {
    const auto lasted = span.end - span.start;
    std::printf("%s %s %d parent=%s%s links=%zu %s status=%d flags=%d\n", hex(span.trace_id).c_str(),
                hex(span.span_id).c_str(), static_cast<int>(span.kind), hex(span.parent_span_id).c_str(),
                span.parent_is_remote ? " (of a message)" : "", span.links.size(),
                lasted.count() >= 0 ? "lasted" : "ends first", static_cast<int>(span.status), span.flags);
    for (const char* name : {"messaging.system", "messaging.kafka.offset", "waybill.kafka.queue_time_ms",
                             "messaging.header.tenant", "app.outgoing"})
      std::printf("  %s=%s\n", name, value_of(span.attributes, name).c_str());
    std::printf("  %s %s %s\n", value_of(span.resource, "service.name").c_str(),
                std::string{span.scope_name}.c_str(), span.scope_version.empty() ? "-" : "versioned");
  }
};

// Counts calls and spans; does the rest of its work as `then` says, which gets the number of the call.
class Counting : public waybill::SpanExporter {
 public:
  explicit Counting(std::function<bool(int)> then) : then_{std::move(then)} {}
  bool export_spans(waybill::ListView<waybill::SpanData> spans) override {
    if (inside_.exchange(true)) std::printf("called twice at once\n");
    spans_ += static_cast<int>(spans.size());
    const bool taken = run(calls_++);
    inside_ = false;
    return taken;
  }
  void shutdown() override {
    ++ends_;
    throw std::runtime_error{"at the end"};
  }
  int spans() const { return spans_; }
  int ends() const { return ends_; }

 private:
  bool run(int call) try { return then_(call); } catch (...) {
    inside_ = false;
    throw;
  }

  const std::function<bool(int)> then_;
  std::atomic<bool> inside_{false};
  std::atomic<int> calls_{0}, spans_{0}, ends_{0};
};

waybill::TelemetryBuilder with(std::shared_ptr<waybill::SpanExporter> exporter) {
  return waybill::Telemetry::builder().service_name("checkout").add_exporter(std::move(exporter));
}

void exporter(const Place& place) {
  auto telemetry =
      with(std::make_shared<Printer>()).add_exporter(waybill::otlp_http()).attributes(describe).build();
  require(telemetry);
  {
    waybill::Producer producer = producer_of(place);
    send_order(producer, place, true);
    require(producer.flush(30s));
  }
  consume_one(place);
  std::printf("flushed: %s\n", telemetry->force_flush(30s) ? "yes" : "no");
  std::printf("shut down: %s\n", telemetry->shutdown(30s) ? "yes" : "no");
}

void exporters_alone(const Place& place) {
  auto first = std::make_shared<Counting>([](int) { return true; });
  auto second = std::make_shared<Counting>([](int) { return true; });
  auto telemetry = with(first).add_exporter(second).build();
  require(telemetry);
  send_on_two_threads(place, 500);
  std::printf("flushed: %s\n", telemetry->force_flush(30s) ? "yes" : "no");
  std::printf("%d and %d spans\n", first->spans(), second->spans());
  std::printf("shut down: %s\n", telemetry->shutdown(30s) ? "yes" : "no");
  send(place, 10);
  std::printf("%d and %d spans, %d and %d ends\n", first->spans(), second->spans(), first->ends(),
              second->ends());
}

void exporter_fails(const Place& place) {
  auto failing = std::make_shared<Counting>([](int call) {
    if (call == 0) throw std::runtime_error{"no idea"};
    if (call == 1) throw 7;
    return false;
  });
  auto telemetry = with(failing).add_exporter(waybill::otlp_http()).build();
  require(telemetry);
  for (int round = 0; round < 3; ++round) {
    send(place, 5);
    std::printf("flushed: %s\n", telemetry->force_flush(30s) ? "yes" : "no");
  }
  std::printf("got %d\n", failing->spans());
}

// It returns when all others are done; until then it is called once.
void exporter_hangs(const Place& place) {
  std::promise<void> called, release;
  auto hanging = std::make_shared<Counting>([&](int call) {
    if (call != 0) return true;
    called.set_value();
    release.get_future().wait();
    return true;
  });
  auto telemetry = with(hanging).add_exporter(waybill::otlp_http()).build();
  require(telemetry);
  send(place, 1);
  called.get_future().wait();
  send(place, 1000);
  std::printf("flushed: %s\n", telemetry->force_flush(1s) ? "yes" : "no");
  std::printf("shut down: %s\n", telemetry->shutdown(1s) ? "yes" : "no");
  std::printf("got %d, told the end %d times\n", hanging->spans(), hanging->ends());
  release.set_value();
}

void exporter_outside(const Place&) {
  const auto telemetry = with(std::make_shared<Printer>()).collect_outside().build();
  std::printf("%s\n", telemetry ? "made" : telemetry.error().message.c_str());
  const auto none = with(nullptr).build();
  std::printf("%s\n", none ? "made" : none.error().message.c_str());
}

}  // namespace

int main(int count, char** values) {
  const std::map<std::string, std::function<void(const Place&)>> situations{
      {"sampler", sampler},
      {"sampler_goes", sampler_goes},
      {"sampler_sees", sampler_sees},
      {"sampler_sees_batch", sampler_sees_batch},
      {"sampler_of_roots", sampler_of_roots},
      {"sampler_throws", sampler_throws},
      {"attributes", attributes},
      {"attributes_of_refused", attributes_of_refused},
      {"attributes_throw", attributes_throw},
      {"many_attributes", many_attributes},
      {"attributes_of_unsampled", attributes_of_unsampled},
      {"exporter", exporter},
      {"exporters_alone", exporters_alone},
      {"exporter_fails", exporter_fails},
      {"exporter_hangs", exporter_hangs},
      {"exporter_outside", exporter_outside},
  };
  if (count != 4 || situations.count(values[1]) == 0) return 2;
  situations.at(values[1])({values[2], values[3]});
}
