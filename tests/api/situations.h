#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "waybill/client/consumer.h"
#include "waybill/client/producer.h"

// What programs share that show one situation of a program's life: PROGRAM SITUATION BROKERS TOPIC OUT. Each
// prints what it saw.

using namespace std::chrono_literals;

struct Place {
  std::string brokers, topic, out;
};

using Situations = std::map<std::string, std::function<void(const Place&)>>;

inline int run_situation(const Situations& situations, int count, char** values) {
  if (count != 5 || situations.count(values[1]) == 0) return 2;
  situations.at(values[1])({values[2], values[3], values[4]});
  return 0;
}

[[noreturn]] inline void fail_unexpectedly(const char* message) {
  std::printf("unexpected: %s\n", message);
  std::exit(99);
}

template <typename Result>
void require(const Result& result) {
  if (!result) fail_unexpectedly(result.error().message.c_str());
}

inline void say(const waybill::KafkaResult<void>& result) {
  std::printf("%s\n", result ? "done" : rd_kafka_err2name(result.error().code));
}

// A name that no other process has.
inline std::string own_name() { return "situation-" + std::to_string(getpid()); }

inline waybill::Producer producer_of(const Place& place, waybill::Properties more = {}) {
  more.emplace_back("bootstrap.servers", place.brokers);
  auto producer = waybill::Producer::create(more);
  require(producer);
  return std::move(*producer);
}

inline void init_transactions(waybill::Producer& producer) {
  if (rd_kafka_error_t* error = rd_kafka_init_transactions(producer.native_handle(), 30'000))
    fail_unexpectedly(rd_kafka_error_string(error));
}

inline waybill::Producer transactional(const Place& place) {
  waybill::Producer producer = producer_of(place, {{"transactional.id", own_name()}});
  init_transactions(producer);
  return producer;
}

// Of properties that stand twice the later one counts.
inline waybill::Consumer consumer_of(const Place& place, const waybill::Properties& more = {}) {
  waybill::Properties properties{
      {"bootstrap.servers", place.brokers}, {"group.id", own_name()}, {"auto.offset.reset", "earliest"}};
  properties.insert(properties.end(), more.begin(), more.end());
  auto consumer = waybill::Consumer::create(properties);
  require(consumer);
  require(consumer->subscribe({place.topic}));
  return std::move(*consumer);
}

inline waybill::Record next(waybill::Consumer& consumer) {
  for (;;) {
    auto polled = consumer.poll(1s);
    require(polled);
    if (*polled) return std::move(**polled);
  }
}
