// bench-api: the same producer and consumer through the C++ API. --door none: nothing of Waybill;
// interceptors: waybill::instrument() and librdkafka's own calls; scopes: these and a process scope;
// wrappers: waybill::Producer, Consumer and process(). All send by the topic's name, as the wrapper does.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "bench/client/consume.h"
#include "bench/client/kafka.h"
#include "bench/client/options.h"
#include "bench/client/produce.h"
#include "waybill/client/consumer.h"
#include "waybill/client/instrument.h"
#include "waybill/client/producer.h"

namespace {

using waybill::bench::fail;

enum class Door { kNone, kInterceptors, kScopes, kWrappers };

std::optional<waybill::Producer> wrapped_producer;
std::optional<waybill::Consumer> wrapped_consumer;

void instrument(rd_kafka_conf_t* conf) {
  if (const auto observed = waybill::instrument(conf); !observed) fail(observed.error().message);
}

// Where the queue is full, as the loop does it for rd_kafka_produce.
void make_room(rd_kafka_t* producer, rd_kafka_resp_err_t error) {
  if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(rd_kafka_err2str(error));
  rd_kafka_poll(producer, 1);
}

int send_by_name(rd_kafka_t* producer, rd_kafka_topic_t* topic, std::string& value) {
  for (;;) {
    const rd_kafka_resp_err_t error =
        rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(rd_kafka_topic_name(topic)), RD_KAFKA_V_PARTITION(0),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                          RD_KAFKA_V_VALUE(value.data(), value.size()), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
    make_room(producer, error);
  }
}

int send_by_wrapper(rd_kafka_t* producer, rd_kafka_topic_t* topic, std::string& value) {
  if (!wrapped_producer) wrapped_producer.emplace(waybill::Producer::wrap(producer));
  for (;;) {
    const auto sent =
        wrapped_producer->send({.topic = rd_kafka_topic_name(topic), .value = value, .partition = 0});
    if (sent) return 0;
    make_room(producer, sent.error().code);
  }
}

bool take_in_scope(rd_kafka_t* consumer) {
  rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 1'000);
  if (message == nullptr) return false;
  const bool is_message = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (is_message) {
    const waybill::ProcessScope scope{consumer, message};
  }
  rd_kafka_message_destroy(message);
  return is_message;
}

bool take_by_wrapper(rd_kafka_t* consumer) {
  if (!wrapped_consumer) wrapped_consumer.emplace(waybill::Consumer::wrap(consumer));
  auto polled = wrapped_consumer->poll(std::chrono::seconds{1});
  if (!polled || !*polled) return false;
  waybill::process(**polled, [](waybill::Record&) {});
  return true;
}

nlohmann::ordered_json produce(const waybill::bench::Options& options, Door door) {
  return waybill::bench::produce(options, {door == Door::kWrappers ? send_by_wrapper : send_by_name, nullptr,
                                           door == Door::kNone ? nullptr : instrument});
}

// What fills the topic is not traced.
nlohmann::ordered_json consume(const waybill::bench::Options& options, Door door) {
  waybill::bench::Reading reading;
  if (door != Door::kNone) reading.prepare = instrument;
  if (door == Door::kScopes) reading.take = take_in_scope;
  if (door == Door::kWrappers) reading.take = take_by_wrapper;
  nlohmann::ordered_json figures = waybill::bench::consume(options, reading);
  figures["spans_expected"] = figures["messages_in_all"];
  return figures;
}

}  // namespace

int main(int count, char** values) {
  waybill::bench::Options options;
  Door door = Door::kNone;
  const std::map<std::string, Door> doors{{"none", Door::kNone},
                                          {"interceptors", Door::kInterceptors},
                                          {"scopes", Door::kScopes},
                                          {"wrappers", Door::kWrappers}};
  CLI::App app{"Sends or reads many messages through the C++ API and tells what it cost."};
  app.require_subcommand(1);
  app.add_option("--messages", options.messages);
  app.add_option("--rate", options.rate);
  app.add_option("--door", door)->transform(CLI::CheckedTransformer(doors));
  CLI::App* reading = app.add_subcommand("consume")->fallthrough();
  app.add_subcommand("produce")->fallthrough();
  CLI11_PARSE(app, count, values);
  const auto figures = reading->parsed() ? consume(options, door) : produce(options, door);
  std::puts(figures.dump().c_str());
  return 0;
}
