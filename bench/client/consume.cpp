#include "consume.h"

#include <cinttypes>
#include <cstdio>
#include <string>

#include "floor.h"
#include "kafka.h"
#include "measure.h"

namespace waybill::bench {
namespace {

// The mock cluster keeps 5 MiB of a partition: so many messages of 100 bytes with their headers fit.
constexpr std::uint64_t kMessagesInMock = 20'000;
constexpr std::uint64_t kWarmUp = 1'000;

rd_kafka_t* make_consumer(const Options& options, const Reading& reading, const std::string& brokers) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  if (!options.plugin.empty()) set(conf, "plugin.library.paths", options.plugin);
  set(conf, "bootstrap.servers", brokers);
  set(conf, "group.id", "bench");
  set(conf, "enable.auto.commit", "false");
  set(conf, "fetch.queue.backoff.ms", "1", true);
  set(conf, "fetch.wait.max.ms", "10");
  if (reading.prepare != nullptr) reading.prepare(conf);
  rd_kafka_t* consumer = make_client(RD_KAFKA_CONSUMER, conf);
  rd_kafka_poll_set_consumer(consumer);
  return consumer;
}

void begin_at_start(rd_kafka_t* consumer, const Options& options) {
  rd_kafka_topic_partition_list_t* partitions = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(partitions, options.topic.c_str(), 0)->offset = 0;
  rd_kafka_assign(consumer, partitions);
  rd_kafka_topic_partition_list_destroy(partitions);
}

void read_header(const rd_kafka_message_t* message) {
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
    rd_kafka_header_get_last(headers, kTraceparentName, &value, &size);
}

// Reads `count` messages from the start on.
void read(rd_kafka_t* consumer, const Options& options, const Reading& reading, std::uint64_t count) {
  begin_at_start(consumer, options);
  for (std::uint64_t taken = 0; taken < count;) {
    if (reading.take != nullptr) {
      if (reading.take(consumer)) ++taken;
      continue;
    }
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 1'000);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (options.headers == Headers::kRead) read_header(message);
      ++taken;
    }
    rd_kafka_message_destroy(message);
  }
}

// Each message begins a trace of its own, as most do.
std::string traceparent_of(std::uint64_t number, bool sampled) {
  char text[64];
  const int size = std::snprintf(text, sizeof text, "00-%016" PRIx64 "%016" PRIx64 "-%016" PRIx64 "-%02x",
                                 number * std::uint64_t{0x9e3779b97f4a7c15} | 1U, number + 1, number + 1,
                                 sampled ? 3U : 2U);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

void fill(const Options& options, const std::string& brokers, std::uint64_t messages) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", brokers);
  set(conf, "linger.ms", "5");
  rd_kafka_t* producer = make_client(RD_KAFKA_PRODUCER, conf);
  const std::string value(options.size, 'x');
  for (std::uint64_t sent = 0; sent < messages;) {
    const bool sampled = sent * options.sampled % 100 < options.sampled;
    rd_kafka_headers_t* headers = nullptr;
    if (sampled || !options.sampled_only) {
      const std::string traceparent = traceparent_of(sent, sampled);
      headers = rd_kafka_headers_new(1);
      rd_kafka_header_add(headers, kTraceparentName, -1, traceparent.data(),
                          static_cast<ssize_t>(traceparent.size()));
    }
    const rd_kafka_resp_err_t error =
        rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(options.topic.c_str()), RD_KAFKA_V_PARTITION(0),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(headers),
                          RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++sent;
      continue;
    }
    if (headers != nullptr) rd_kafka_headers_destroy(headers);
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(rd_kafka_err2str(error));
    rd_kafka_poll(producer, 1);
  }
  if (rd_kafka_flush(producer, 60'000) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("the topic could not be filled");
  rd_kafka_destroy(producer);
}

nlohmann::ordered_json consume(const Options& options, const Reading& reading) {
  const bool mock = options.brokers.empty();
  const Cluster cluster{options};
  if (mock) fill(options, cluster.brokers(), kMessagesInMock);
  const std::uint64_t at_once = mock ? kMessagesInMock : options.messages;
  rd_kafka_t* consumer = make_consumer(options, reading, cluster.brokers());
  read(consumer, options, reading, kWarmUp);

  const Usage before = Usage::now();
  std::uint64_t taken = 0;
  for (; taken < options.messages; taken += at_once) read(consumer, options, reading, at_once);
  const Usage after = Usage::now();
  const Footprint footprint = Footprint::now();
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  return {
      {"messages", taken},
      {"messages_in_all", taken + kWarmUp},
      // Those that fill the mock cluster's topic are sent by this process, too.
      {"spans_expected", taken + kWarmUp + (mock ? kMessagesInMock : 0)},
      {"per_second", static_cast<double>(taken) * 1e9 / static_cast<double>(after.wall_ns - before.wall_ns)},
      {"cpu_ns", static_cast<double>(after.cpu_ns - before.cpu_ns) / static_cast<double>(taken)},
      {"allocations",
       static_cast<double>(after.allocations.of_this_thread - before.allocations.of_this_thread) /
           static_cast<double>(taken)},
      {"rss_kib", footprint.rss_kib},
      {"threads", footprint.threads},
      {"files", footprint.files}};
}

}  // namespace waybill::bench
