#include "waybill/cli/broker_command.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string_view>

#include "waybill/cli/exit_code.h"
#include "waybill/configure/parse.h"
#include "waybill/support/expected.h"

namespace waybill::cli {
namespace {

struct Topic {
  std::string name;
  int partitions = 1;
};

Expected<Topic> parse_topic(const std::string& text) {
  Topic topic{text, 1};
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos) {
    const auto partitions = configure::parse_integer(std::string_view{text}.substr(colon + 1));
    if (!partitions || *partitions < 1 || *partitions > 1000) {
      return Error{Error::Code::kUsage,
                   "--topic " + text + ": the number of partitions must be from 1 to 1000"};
    }
    topic = {text.substr(0, colon), static_cast<int>(*partitions)};
  }
  if (topic.name.empty()) return Error{Error::Code::kUsage, "--topic " + text + ": the name is missing"};
  return topic;
}

int fail(const std::string& message, int code) {
  std::fprintf(stderr, "waybill broker: %s\n", message.c_str());
  return code;
}

void block_end_signals(sigset_t& signals) {
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

int broker_command(const BrokerOptions& options) {
  std::vector<Topic> topics;
  for (const std::string& text : options.topics) {
    Expected<Topic> topic = parse_topic(text);
    if (!topic) return fail(topic.error().message, kUsage);
    topics.push_back(*topic);
  }
  sigset_t end_signals;
  block_end_signals(end_signals);  // before librdkafka's threads start, so that they inherit it

  char error[512];
  // The client is only there to carry the cluster: it would warn that it has no broker to connect to.
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "log_level", "3", error, sizeof error);
  const std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)> client{
      rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error), rd_kafka_destroy};
  if (!client) return fail(error, kFailure);
  const std::unique_ptr<rd_kafka_mock_cluster_t, decltype(&rd_kafka_mock_cluster_destroy)> cluster{
      rd_kafka_mock_cluster_new(client.get(), options.brokers), rd_kafka_mock_cluster_destroy};
  if (!cluster) return fail("librdkafka cannot make its mock cluster", kFailure);
  for (const Topic& topic : topics) {
    const rd_kafka_resp_err_t result =
        rd_kafka_mock_topic_create(cluster.get(), topic.name.c_str(), topic.partitions, options.brokers);
    if (result != RD_KAFKA_RESP_ERR_NO_ERROR)
      return fail("topic " + topic.name + ": " + rd_kafka_err2str(result), kFailure);
  }
  std::printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster.get()));
  std::fflush(stdout);
  std::fprintf(stderr,
               "waybill broker: for development only: it keeps the last 5 MiB of each partition in memory, "
               "and forgets all at the end. "
               "Stop it with Ctrl-C.\n");
  int received = 0;
  sigwait(&end_signals, &received);
  return kSuccess;
}

}  // namespace waybill::cli
