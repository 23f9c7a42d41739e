// What tests/behaviour/relay.c does, by the C++ API: polls one message at a time, sends each on inside its
// processing, and another one after it.
//
//   api-relay wrappers|borrowed|scopes BROKERS FROM TO COUNT [forward]
//
// `wrappers`: waybill::Producer and waybill::Consumer own their clients. `borrowed`: they are put around
// instrumented ones. `scopes`: plain librdkafka with instrument() and a ProcessScope.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "../support/host.h"
#include "waybill/client/consumer.h"
#include "waybill/client/instrument.h"
#include "waybill/client/producer.h"

using namespace std::chrono_literals;

namespace {

struct Arguments {
  std::string brokers, from, to;
  int count;
  bool forward;
};

void work() { usleep(20000); }
void idle() { usleep(5000); }

template <typename Result>
void require(const Result& result) {
  if (result) return;
  std::fprintf(stderr, "api-relay: %s\n", result.error().message.c_str());
  std::exit(99);
}

rd_kafka_conf_t* conf_of(const Arguments& arguments, const char* client) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  host_set(conf, "bootstrap.servers", arguments.brokers.c_str());
  host_set(conf, "client.id", client);
  if (std::string_view{client} == "relay-in") {
    host_set(conf, "group.id", "relay");
    host_set(conf, "auto.offset.reset", "earliest");
  }
  return conf;
}

void assign(rd_kafka_t* consumer, const Arguments& arguments) {
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(4);
  for (int partition = 0; partition < 4; ++partition)
    rd_kafka_topic_partition_list_add(topics, arguments.from.c_str(), partition)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
  CHECK(rd_kafka_assign(consumer, topics) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_destroy(topics);
}

std::vector<waybill::Header> headers_of(rd_kafka_message_t* message) {
  std::vector<waybill::Header> headers;
  rd_kafka_headers_t* list = nullptr;
  if (rd_kafka_message_headers(message, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return headers;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t at = 0;
       rd_kafka_header_get_all(list, at, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++at)
    headers.push_back({name, std::string_view{static_cast<const char*>(value), size}});
  return headers;
}

void relay(waybill::Consumer& consumer, waybill::Producer& producer, const Arguments& arguments) {
  for (int done = 0; done < arguments.count;) {
    auto polled = consumer.poll(1s);
    require(polled);
    if (!*polled) continue;
    waybill::process(**polled, [&](waybill::Record& record) {
      work();
      require(producer.send({.topic = arguments.to,
                             .value = record.value(),
                             .headers = arguments.forward ? headers_of(record.native_handle())
                                                          : std::vector<waybill::Header>{}}));
    });
    ++done;
    idle();
    require(producer.send({arguments.to, "between"}));
  }
  require(producer.flush(10s));
}

void relay_with_wrappers(const Arguments& arguments) {
  auto consumer = waybill::Consumer::create(conf_of(arguments, "relay-in"));
  auto producer = waybill::Producer::create(conf_of(arguments, "relay-out"));
  require(consumer);
  require(producer);
  assign(consumer->native_handle(), arguments);
  relay(*consumer, *producer, arguments);
}

rd_kafka_t* instrumented(rd_kafka_type_t type, const Arguments& arguments, const char* client) {
  rd_kafka_conf_t* conf = conf_of(arguments, client);
  require(waybill::instrument(conf));
  require(waybill::instrument(conf));  // changes nothing
  return host_client(type, conf);
}

template <typename Relay>
void relay_with_own_clients(const Arguments& arguments, Relay&& relay_with) {
  rd_kafka_t* in = instrumented(RD_KAFKA_CONSUMER, arguments, "relay-in");
  rd_kafka_t* out = instrumented(RD_KAFKA_PRODUCER, arguments, "relay-out");
  assign(in, arguments);
  relay_with(in, out);
  rd_kafka_consumer_close(in);
  rd_kafka_destroy(in);
  rd_kafka_destroy(out);
}

void relay_borrowed(rd_kafka_t* in, rd_kafka_t* out, const Arguments& arguments) {
  auto consumer = waybill::Consumer::wrap(in);
  auto producer = waybill::Producer::wrap(out);
  relay(consumer, producer, arguments);
}

void relay_plain(rd_kafka_t* in, rd_kafka_t* out, const Arguments& arguments) {
  for (int done = 0; done < arguments.count;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(in, 1000);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const waybill::ProcessScope scope{in, message};
      rd_kafka_headers_t* headers = nullptr;
      if (arguments.forward && rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
        headers = rd_kafka_headers_copy(headers);
      work();
      CHECK(rd_kafka_producev(out, RD_KAFKA_V_TOPIC(arguments.to.c_str()),
                              RD_KAFKA_V_VALUE(message->payload, message->len),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(headers),
                              RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
      ++done;
    }
    rd_kafka_message_destroy(message);
    idle();
    CHECK(rd_kafka_producev(out, RD_KAFKA_V_TOPIC(arguments.to.c_str()),
                            RD_KAFKA_V_VALUE(const_cast<char*>("between"), 7),
                            RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  CHECK(rd_kafka_flush(out, 10000) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

}  // namespace

int main(int count, char** values) {
  CHECK(count >= 6);
  const std::string_view with = values[1];
  const Arguments arguments{values[2], values[3], values[4], std::atoi(values[5]), count > 6};
  if (with == "wrappers") {
    relay_with_wrappers(arguments);
  } else {
    const auto how = with == "borrowed" ? relay_borrowed : relay_plain;
    relay_with_own_clients(arguments, [&](rd_kafka_t* in, rd_kafka_t* out) { how(in, out, arguments); });
  }
  std::printf("relayed %d\n", arguments.count);
}
