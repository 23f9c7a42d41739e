// Where telemetry goes, said in C++: api-telemetry SITUATION BROKERS TOPIC ENDPOINT. Prints what it saw.

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "waybill/client/instrument.h"
#include "waybill/client/producer.h"
#include "waybill/client/telemetry.h"
#include "waybill/client/telemetry_builder.h"

using namespace std::chrono_literals;

namespace {

struct Place {
  std::string brokers, topic, endpoint;
};

template <typename Result>
void require(const Result& result) {
  if (result) return;
  std::printf("unexpected: %s\n", result.error().message.c_str());
  std::exit(99);
}

template <typename Result>
void say(const Result& result) {
  std::printf("%s\n", result ? "made" : result.error().message.c_str());
}

void send(const Place& place, int count) {
  auto producer = waybill::Producer::create({{"bootstrap.servers", place.brokers}});
  require(producer);
  for (int message = 0; message < count; ++message) require(producer->send({place.topic, "value"}));
  require(producer->flush(30s));
}

waybill::TelemetryBuilder builder_for(const Place& place) {
  return waybill::Telemetry::builder()
      .service_name("checkout")
      .resource("deployment.environment.name", "a, b=c")
      .propagators({waybill::b3(), waybill::w3c()})
      .add_exporter(
          waybill::otlp_http({.endpoint = place.endpoint, .headers = {{"x-team", "a, b"}}, .gzip = true}));
}

void by_environment(const Place& place) {
  auto telemetry = waybill::Telemetry::autoconfigure();
  require(telemetry);
  send(place, 3);
}

void by_builder(const Place& place) {
  auto telemetry = builder_for(place).build();
  require(telemetry);
  send(place, 3);
  std::printf("flushed: %s\n", telemetry->force_flush(30s) ? "yes" : "no");
  send(place, 2);
  std::printf("shut down: %s\n", telemetry->shutdown(30s) ? "yes" : "no");
  std::printf("again: %s\n", telemetry->shutdown(30s) ? "yes" : "no");
  send(place, 5);  // after that clients work on, unseen
}

void global(const Place& place) {
  require(builder_for(place).build_and_register_global());
  send(place, 4);
}

void sampled(const Place& place) {
  auto telemetry = builder_for(place).sampler(waybill::parent_based(waybill::rules("*:always_off"))).build();
  require(telemetry);
  send(place, 4);
}

void wrong(const Place& place) {
  say(builder_for(place).sampler(waybill::trace_id_ratio(2)).build());
  say(builder_for(place).set("OTEL_NO_SUCH_THING", "1").build());
  say(builder_for(place).add_exporter(waybill::otlp_grpc()).build());
  say(builder_for(place).set("WAYBILL_KEEP", "everything").build());
  say(builder_for(place).resource("long", std::string(4000, 'x')).build());
  say(builder_for(place).build());
}

// Properties of the plugin have room of their own.
void with_plugin_properties(const Place& place) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[256];
  const auto set = [&](const char* name, const std::string& value) {
    if (rd_kafka_conf_set(conf, name, value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK)
      std::printf("unexpected: %s\n", why);
  };
  set("plugin.library.paths", std::getenv("API_TELEMETRY_PLUGIN"));
  set("waybill.some.text", std::string(1000, 'x'));
  auto telemetry = builder_for(place).resource("long", std::string(3100, 'x')).build();
  say(telemetry);
  send(place, 1);
  rd_kafka_conf_destroy(conf);
}

// Clients that were made before are not this telemetry's, and those that are made afterwards are.
void after_clients(const Place& place) {
  send(place, 1);
  auto before = waybill::Producer::create({{"bootstrap.servers", place.brokers}});
  require(before);
  auto telemetry = builder_for(place).collect_in_process().build();
  say(telemetry);
  require(before->send({place.topic, "value"}));
  require(before->flush(30s));
  send(place, 2);
}

// A flush takes what many rounds of the thread would have taken; nothing is left for the end, which does not
// come.
void burst(const Place& place) {
  auto telemetry =
      waybill::Telemetry::builder().add_exporter(waybill::otlp_http({.endpoint = place.endpoint})).build();
  require(telemetry);
  send(place, 50'000);
  std::printf("flushed: %s\n", telemetry->force_flush(60s) ? "yes" : "no");
  std::fflush(stdout);
  _exit(0);
}

// The child's own client is collected by the parent's thread.
void forked(const Place& place) {
  auto telemetry = builder_for(place).build();
  require(telemetry);
  send(place, 1);
  const pid_t child = fork();
  if (child == 0) {
    send(place, 2);
    std::printf("child flushes: %s\n", telemetry->force_flush(1s) ? "yes" : "no");
    std::fflush(stdout);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::printf("child ended with %d\n", status);
  send(place, 1);
}

void unreachable(const Place& place) {
  auto telemetry = waybill::Telemetry::builder()
                       .add_exporter(waybill::otlp_http({.endpoint = "http://127.0.0.1:1"}))
                       .build();
  require(telemetry);
  send(place, 3);
  std::printf("flushed: %s\n", telemetry->force_flush(300ms) ? "yes" : "no");
  std::printf("shut down: %s\n", telemetry->shutdown(500ms) ? "yes" : "no");
}

}  // namespace

int main(int count, char** values) {
  const std::map<std::string, std::function<void(const Place&)>> situations{
      {"by_environment", by_environment},
      {"by_builder", by_builder},
      {"global", global},
      {"sampled", sampled},
      {"wrong", wrong},
      {"with_plugin_properties", with_plugin_properties},
      {"after_clients", after_clients},
      {"burst", burst},
      {"forked", forked},
      {"unreachable", unreachable},
  };
  if (count != 5 || situations.count(values[1]) == 0) return 2;
  situations.at(values[1])({values[2], values[3], values[4]});
}
