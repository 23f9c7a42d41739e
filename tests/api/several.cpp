// Several Telemetry objects in one process: api-several SITUATION BROKERS IN OUT ENDPOINT ENDPOINT. Prints
// what it saw.

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "waybill/client/baggage.h"
#include "waybill/client/consumer.h"
#include "waybill/client/context_scope.h"
#include "waybill/client/custom_sampler.h"
#include "waybill/client/instrument.h"
#include "waybill/client/producer.h"
#include "waybill/client/span_exporter.h"
#include "waybill/client/telemetry.h"
#include "waybill/client/telemetry_builder.h"
#include "waybill/client/waybill.h"

using namespace std::chrono_literals;

namespace {

struct Place {
  std::string brokers, in, out, shop_endpoint, audit_endpoint;

  waybill::Properties properties() const { return {{"bootstrap.servers", brokers}}; }
};

template <typename Result>
void require(const Result& result) {
  if (result) return;
  std::printf("unexpected: %s\n", result.error().message.c_str());
  std::exit(99);
}

template <typename Result>
auto must(Result result) {
  require(result);
  return std::move(*result);
}

template <typename Result>
void say(const Result& result) {
  std::printf("%s\n", result ? "made" : result.error().message.c_str());
}

waybill::TelemetryBuilder builder_of(const char* service, const std::string& endpoint) {
  return waybill::Telemetry::builder().service_name(service).add_exporter(
      waybill::otlp_http({.endpoint = endpoint}));
}
waybill::TelemetryBuilder shop(const Place& place) { return builder_of("shop", place.shop_endpoint); }
waybill::TelemetryBuilder audit(const Place& place) { return builder_of("audit", place.audit_endpoint); }

void send(waybill::Producer& producer, const std::string& topic, int count = 1) {
  for (int message = 0; message < count; ++message) require(producer.send({topic, "value"}));
  require(producer.flush(30s));
}

// A client of librdkafka's own, made from `conf`, which sends.
void send_bare(rd_kafka_conf_t* conf, const Place& place, int count) {
  char why[256];
  rd_kafka_conf_set(conf, "bootstrap.servers", place.brokers.c_str(), why, sizeof why);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  for (int message = 0; message < count; ++message)
    rd_kafka_producev(client, RD_KAFKA_V_TOPIC(place.out.c_str()),
                      RD_KAFKA_V_VALUE(const_cast<char*>("value"), 5), RD_KAFKA_V_END);
  rd_kafka_flush(client, 30'000);
  rd_kafka_destroy(client);
}

waybill::Consumer consumer_of(const waybill::Telemetry& telemetry, const Place& place, const char* group) {
  waybill::Properties properties = place.properties();
  properties.emplace_back("group.id", group + place.in);
  properties.emplace_back("auto.offset.reset", "earliest");
  waybill::Consumer consumer = must(waybill::Consumer::create(telemetry, properties));
  require(consumer.subscribe({place.in}));
  return consumer;
}

waybill::Record poll(waybill::Consumer& consumer) {
  for (;;) {
    auto polled = consumer.poll(1s);
    require(polled);
    if (*polled) return std::move(**polled);
  }
}

// A message that comes from elsewhere, with a context and baggage.
void put_message(const Place& place) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[256];
  rd_kafka_conf_set(conf, "bootstrap.servers", place.brokers.c_str(), why, sizeof why);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  rd_kafka_producev(
      client, RD_KAFKA_V_TOPIC(place.in.c_str()), RD_KAFKA_V_VALUE(const_cast<char*>("value"), 5),
      RD_KAFKA_V_HEADER("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", -1),
      RD_KAFKA_V_HEADER("baggage", "tenant=eu", -1), RD_KAFKA_V_END);
  rd_kafka_flush(client, 30'000);
  rd_kafka_destroy(client);
}

// Wrappers, one line, and what names nothing: each message is one telemetry's.
void services(const Place& place) {
  const auto first = must(shop(place).build());
  const auto second = must(audit(place).propagators({waybill::b3()}).build());
  {
    auto producer = must(waybill::Producer::create(second, place.properties()));
    std::printf("traced: %s\n", producer.is_traced() ? "yes" : "no");
    send(producer, place.out, 3);
    auto of_none = must(waybill::Producer::create(place.properties()));
    send(of_none, place.out, 2);
    auto of_first = must(waybill::Producer::create(first, place.properties()));
    send(of_first, place.out, 1);
  }
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  require(waybill::instrument(second, conf));
  rd_kafka_conf_t* copy = rd_kafka_conf_dup(conf);
  rd_kafka_conf_destroy(conf);
  send_bare(copy, place, 4);
}

void one_samples(const Place& place) {
  const auto first = must(shop(place).build());
  const auto second = must(audit(place).sampler(waybill::always_off()).build());
  auto producer = must(waybill::Producer::create(first, place.properties()));
  auto unsampled = must(waybill::Producer::create(second, place.properties()));
  std::thread other{[&] { send(unsampled, place.out, 200); }};
  send(producer, place.out, 200);
  other.join();
}

std::string span_of(const std::optional<waybill::SpanContext>& context) {
  if (!context) return "none";
  char text[17] = "";
  for (std::size_t at = 0; at < context->span_id.size(); ++at)
    std::snprintf(text + 2 * at, 3, "%02x", context->span_id[at]);
  return text;
}

// What one telemetry's consumer processes, the other's producer answers.
void parent(const Place& place) {
  put_message(place);
  const auto first = must(shop(place).build());
  const auto second = must(audit(place).propagators({waybill::b3(), waybill::baggage()}).build());
  waybill::Consumer consumer = consumer_of(first, place, "shop");
  auto producer = must(waybill::Producer::create(second, place.properties()));
  waybill::Record record = poll(consumer);
  {
    const waybill::ProcessScope scope = record.process();
    std::printf("%s %s\n", span_of(waybill::current_context()).c_str(),
                waybill::baggage_value("tenant").value_or("none").c_str());
    for (const auto& [name, value] : waybill::current_headers()) std::printf("%s ", name.c_str());
    std::printf("\n");
    send(producer, place.out);
    for (const auto& sent : producer.send_batch({{place.out, "one"}, {place.out, "two"}})) require(sent);
    require(producer.flush(30s));
  }
  std::printf("%s\n", span_of(waybill::current_context()).c_str());
  send(producer, place.out);
}

// Scopes of two telemetries within one another, by the C interface too, which end in whatever order.
void nested(const Place& place) {
  put_message(place);
  const auto first = must(shop(place).build());
  const auto second = must(audit(place).build());
  waybill::Consumer of_first = consumer_of(first, place, "shop");
  waybill::Consumer of_second = consumer_of(second, place, "audit");
  auto producer = must(waybill::Producer::create(first, place.properties()));
  const waybill::Record outer_record = poll(of_first);
  const waybill::Record inner_record = poll(of_second);
  waybill::ProcessScope outer = outer_record.process();
  rd_kafka_message_t* message = inner_record.native_handle();
  waybill_scope_t inner = waybill_process_begin(of_second.native_handle(), &message, 1);
  send(producer, place.out);
  outer.end();
  std::printf("%s\n", span_of(waybill::current_context()).c_str());
  send(producer, place.out);
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";
  waybill::ContextScope context{{{"traceparent", trace}}};
  std::printf("%s\n", span_of(waybill::current_context()).c_str());
  send(producer, place.out);
  std::thread{[&] { waybill_process_end(&inner, "late", nullptr); }}.join();
  context.end();
  std::printf("%s\n", span_of(waybill::current_context()).c_str());
}

int copies_loaded() {
  int copies = 0;
  std::FILE* maps = std::fopen("/proc/self/maps", "r");
  char line[1024];
  std::string last;
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    const std::string text = line;
    const bool is_copy = text.find("memfd:libwaybill-plugin.so") != std::string::npos;
    if (is_copy && text.find("r-xp") != std::string::npos) ++copies;
  }
  std::fclose(maps);
  return copies;
}

// One after the other, more of them than there can be at once.
void one_after_the_other(const Place& place) {
  for (int number = 0; number < 20; ++number) {
    const std::string service = "service-" + std::to_string(number);
    const auto telemetry =
        must(builder_of(service.c_str(), place.shop_endpoint).sampler(waybill::always_on()).build());
    auto producer = must(waybill::Producer::create(place.properties()));
    send(producer, place.out, 2);
  }
  std::printf("%d copies\n", copies_loaded());
}

// A client stays with the telemetry that it was made for, though that has ended.
void clients_stay(const Place& place) {
  std::optional<waybill::Telemetry> first = must(shop(place).build());
  auto old = must(waybill::Producer::create(place.properties()));
  send(old, place.out, 1);
  first.reset();
  const auto second = must(audit(place).build());
  auto young = must(waybill::Producer::create(place.properties()));
  send(old, place.out, 2);
  send(young, place.out, 3);
  std::printf("%d copies\n", copies_loaded());
}

// In whatever order they go.
void lifetimes(const Place& place) {
  std::optional<waybill::Telemetry> first = must(shop(place).build());
  std::optional<waybill::Telemetry> second = must(audit(place).build());
  std::optional<waybill::Producer> of_first = must(waybill::Producer::create(*first, place.properties()));
  std::optional<waybill::Producer> of_second = must(waybill::Producer::create(*second, place.properties()));
  send(*of_first, place.out, 1);
  send(*of_second, place.out, 1);
  std::printf("shut down: %s\n", first->shutdown(30s) ? "yes" : "no");
  send(*of_first, place.out, 5);  // nobody sees them
  send(*of_second, place.out, 2);
  first.reset();
  std::printf("flushed: %s\n", second->force_flush(30s) ? "yes" : "no");
  of_second.reset();
  send(*of_first, place.out, 5);
  second.reset();
  of_first.reset();
}

void too_many(const Place& place) {
  std::vector<waybill::Telemetry> all;
  for (;;) {
    auto made = shop(place).build();
    say(made);
    if (!made) break;
    auto producer = must(waybill::Producer::create(*made, place.properties()));
    send(producer, place.out);
    all.push_back(std::move(*made));
  }
  all.erase(all.begin() + 1);
  auto made = audit(place).build();
  say(made);
  auto producer = must(waybill::Producer::create(*made, place.properties()));
  send(producer, place.out);
}

void global(const Place& place) {
  require(shop(place).build_and_register_global());
  const auto between = must(audit(place).build());
  auto first = must(waybill::Producer::create(place.properties()));
  send(first, place.out, 1);
  require(audit(place).build_and_register_global());
  auto second = must(waybill::Producer::create(place.properties()));
  send(second, place.out, 2);
}

// Of a configuration that belongs to one, the other gets nothing.
void claimed(const Place& place) {
  const auto first = must(shop(place).build());
  const auto second = must(audit(place).build());
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  say(waybill::instrument(second, conf));
  say(waybill::instrument(first, conf));
  say(waybill::instrument(second, conf));
  say(waybill::instrument(conf));
  char why[256];
  rd_kafka_conf_set(conf, "bootstrap.servers", place.brokers.c_str(), why, sizeof why);
  auto producer = must(waybill::Producer::create(conf));
  send(producer, place.out, 2);
  conf = rd_kafka_conf_new();
  say(waybill::instrument(conf));
  say(waybill::instrument(second, conf));
  send_bare(conf, place, 3);
}

class Sampler : public waybill::CustomSampler {
 public:
  explicit Sampler(bool samples) : samples_{samples} {}
  bool should_sample(const waybill::SpanStart&) override {
    ++asked_;
    return samples_;
  }
  int asked() const { return asked_; }

 private:
  const bool samples_;
  std::atomic<int> asked_{0};
};

class Exporter : public waybill::SpanExporter {
 public:
  bool export_spans(waybill::ListView<waybill::SpanData> spans) override {
    spans_ += static_cast<int>(spans.size());
    return true;
  }
  int spans() const { return spans_; }

 private:
  std::atomic<int> spans_{0};
};

waybill::AttributeExtractor named(const char* name) {
  return [name](const waybill::MessageView&, waybill::MessageAttributes& attributes) {
    attributes.set("app.name", name);
  };
}

void own_code(const Place& place) {
  const auto yes = std::make_shared<Sampler>(true);
  const auto no = std::make_shared<Sampler>(false);
  const auto exporter = std::make_shared<Exporter>();
  const auto other_exporter = std::make_shared<Exporter>();
  auto first = must(shop(place).sampler(yes).attributes(named("one")).add_exporter(exporter).build());
  auto second = must(audit(place).sampler(no).add_exporter(other_exporter).build());
  auto third = must(audit(place).attributes(named("three")).build());
  auto of_first = must(waybill::Producer::create(first, place.properties()));
  auto of_second = must(waybill::Producer::create(second, place.properties()));
  auto of_third = must(waybill::Producer::create(third, place.properties()));
  send(of_first, place.out, 1);
  send(of_second, place.out, 2);
  send(of_third, place.out, 3);
  second.shutdown(30s);
  send(of_second, place.out, 5);
  send(of_first, place.out, 1);
  first.shutdown(30s);
  std::printf("asked %d and %d, exported %d and %d\n", yes->asked(), no->asked(), exporter->spans(),
              other_exporter->spans());
}

// The child's own clients, of either telemetry, are collected by the parent's threads.
void forked(const Place& place) {
  auto first = must(shop(place).build());
  auto second = must(audit(place).build());
  auto before = must(waybill::Producer::create(second, place.properties()));
  send(before, place.out, 1);
  const pid_t child = fork();
  if (child == 0) {
    auto of_first = must(waybill::Producer::create(first, place.properties()));
    auto of_second = must(waybill::Producer::create(second, place.properties()));
    send(of_first, place.out, 2);
    send(of_second, place.out, 3);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::printf("child ended with %d\n", status);
  send(before, place.out, 1);
}

std::optional<waybill::SpanContext> own_span() {
  waybill::SpanContext span;
  span.trace_id.fill(0x11);
  span.span_id.fill(0x22);
  span.flags = 1;
  return span;
}

// The application's spans are the parents of what each of them sends, whenever that was made.
void application_spans(const Place& place) {
  const auto first = must(shop(place).build());
  waybill::read_parents_by(own_span);
  const auto second = must(audit(place).build());
  auto of_first = must(waybill::Producer::create(first, place.properties()));
  auto of_second = must(waybill::Producer::create(second, place.properties()));
  send(of_first, place.out);
  send(of_second, place.out);
  waybill::read_parents_by(nullptr);
  send(of_second, place.out);
}

// The one whose client is the process's first is not the first telemetry.
void context_for_the_second(const Place& place) {
  const auto first = must(shop(place).build());
  const auto second = must(audit(place).build());
  auto producer = must(waybill::Producer::create(second, place.properties()));
  const waybill::ContextScope context{
      {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"}}};
  send(producer, place.out);
}

// Clients come and go on two threads while a third makes and ends telemetries.
void all_at_once(const Place& place) {
  const auto first = must(shop(place).build());
  const auto second = must(audit(place).build());
  std::atomic<bool> done{false};
  std::thread maker{[&] {
    for (int number = 0; number < 10; ++number) {
      const auto third = must(waybill::Telemetry::builder()
                                  .set("OTEL_TRACES_EXPORTER", "none")
                                  .set("OTEL_METRICS_EXPORTER", "none")
                                  .build());
      auto producer = must(waybill::Producer::create(third, place.properties()));
      send(producer, place.out, 5);
    }
    done = true;
  }};
  const auto work = [&](const waybill::Telemetry& telemetry) {
    int rounds = 0;
    while (!done || rounds < 5) {
      auto producer = must(waybill::Producer::create(telemetry, place.properties()));
      const waybill::ContextScope context{
          {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"}}};
      send(producer, place.out, 2);
      ++rounds;
    }
    return rounds;
  };
  int of_first = 0;
  std::thread other{[&] { of_first = work(first); }};
  const int of_second = work(second);
  other.join();
  maker.join();
  std::printf("%d %d\n", 2 * of_first, 2 * of_second);
}

}  // namespace

int main(int count, char** values) {
  const std::map<std::string, std::function<void(const Place&)>> situations{
      {"services", services},
      {"one_samples", one_samples},
      {"parent", parent},
      {"nested", nested},
      {"one_after_the_other", one_after_the_other},
      {"clients_stay", clients_stay},
      {"lifetimes", lifetimes},
      {"too_many", too_many},
      {"global", global},
      {"claimed", claimed},
      {"own_code", own_code},
      {"forked", forked},
      {"application_spans", application_spans},
      {"context_for_the_second", context_for_the_second},
      {"all_at_once", all_at_once},
  };
  if (count != 7 || situations.count(values[1]) == 0) return 2;
  situations.at(values[1])({values[2], values[3], values[4], values[5], values[6]});
}
