#include "produce.h"

#include <time.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "floor.h"
#include "kafka.h"
#include "measure.h"

namespace waybill::bench {
namespace {

std::uint64_t delivered = 0;  // by the thread that polls
std::uint64_t failed = 0;

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* hooks) {
  auto* const observe = static_cast<const Hooks*>(hooks)->delivered;
  if (observe != nullptr) observe(message);
  ++delivered;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++failed;
}

rd_kafka_t* make_producer(const Options& options, const Hooks& hooks, const std::string& brokers) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  if (!options.plugin.empty()) set(conf, "plugin.library.paths", options.plugin);
  set(conf, "bootstrap.servers", brokers);
  set(conf, "linger.ms", "5");
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_conf_set_opaque(conf, const_cast<Hooks*>(&hooks));
  if (options.headers == Headers::kAllocate) add_constant_header(conf, false);
  if (options.headers == Headers::kRecycle) add_constant_header(conf, true);
  if (hooks.prepare != nullptr) hooks.prepare(conf);
  return make_client(RD_KAFKA_PRODUCER, conf);
}

// Says how many messages may have been sent by now.
class Pace {
 public:
  explicit Pace(std::uint64_t rate) : rate_{rate}, start_ns_{now_ns()} {}

  void wait_for(std::uint64_t sent) const {
    if (rate_ == 0) return;
    const std::uint64_t due_ns = start_ns_ + sent * 1'000'000'000 / rate_;
    const std::uint64_t now = now_ns();
    if (due_ns <= now + kTickNs) return;
    const timespec pause{0, static_cast<long>(std::min<std::uint64_t>(due_ns - now, 999'999'999))};
    nanosleep(&pause, nullptr);
  }

 private:
  static constexpr std::uint64_t kTickNs = 1'000'000;
  std::uint64_t rate_;
  std::uint64_t start_ns_;
};

void send(const Hooks& hooks, rd_kafka_topic_t* topic, rd_kafka_t* producer, std::string& value,
          Histogram* latency) {
  for (;;) {
    const std::uint64_t before = latency != nullptr ? now_ns() : 0;
    const int result = hooks.produce(producer, topic, value);
    if (latency != nullptr && result == 0) latency->add(now_ns() - before);
    if (result == 0) return;
    if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(rd_kafka_err2str(rd_kafka_last_error()));
    rd_kafka_poll(producer, 1);
  }
}

}  // namespace

int plain_produce(rd_kafka_t*, rd_kafka_topic_t* topic, std::string& value) {
  return rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, value.data(), value.size(), nullptr, 0, nullptr);
}

nlohmann::ordered_json produce(const Options& options, const Hooks& hooks) {
  const Cluster cluster{options};
  rd_kafka_t* producer = make_producer(options, hooks, cluster.brokers());
  rd_kafka_topic_t* topic = rd_kafka_topic_new(producer, options.topic.c_str(), nullptr);
  std::string value(options.size, 'x');
  // Connections, metadata and pools are made before the clock starts.
  constexpr std::uint64_t kWarmUp = 10'000;
  for (std::uint64_t sent = 0; sent < kWarmUp; ++sent) {
    send(hooks, topic, producer, value, nullptr);
    if (options.flush_every != 0 && sent % options.flush_every == 0) rd_kafka_flush(producer, 60'000);
  }
  if (rd_kafka_flush(producer, 60'000) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("the warm-up was not delivered");

  Histogram latency;
  const Usage before = Usage::now();
  const Pace pace{options.rate};
  for (std::uint64_t sent = 0; sent < options.messages; ++sent) {
    pace.wait_for(sent);
    send(hooks, topic, producer, value, options.latency ? &latency : nullptr);
    if (sent % 1'000 == 0) rd_kafka_poll(producer, 0);
    if (options.flush_every != 0 && sent % options.flush_every == 0) rd_kafka_flush(producer, 60'000);
  }
  while (delivered < kWarmUp + options.messages) rd_kafka_poll(producer, 100);
  const Usage after = Usage::now();
  const Footprint footprint = Footprint::now();
  if (failed != 0) fail(std::to_string(failed) + " messages were not delivered");
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);

  nlohmann::ordered_json figures{
      {"messages", options.messages},
      {"messages_in_all", kWarmUp + options.messages},
      {"spans_expected", kWarmUp + options.messages},
      {"per_second",
       static_cast<double>(options.messages) * 1e9 / static_cast<double>(after.wall_ns - before.wall_ns)},
      {"cpu_ns", static_cast<double>(after.cpu_ns - before.cpu_ns) / static_cast<double>(options.messages)},
      {"allocations", static_cast<double>(after.allocations.of_all - before.allocations.of_all) /
                          static_cast<double>(options.messages)},
      {"rss_kib", footprint.rss_kib},
      {"threads", footprint.threads},
      {"files", footprint.files}};
  if (options.latency) {
    figures["latency_ns"] = {{"p50", latency.quantile(0.5)},
                             {"p99", latency.quantile(0.99)},
                             {"p99.99", latency.quantile(0.9999)}};
  }
  return figures;
}

}  // namespace waybill::bench
