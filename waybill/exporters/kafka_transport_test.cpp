#include "waybill/exporters/kafka_transport.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka_mock.h>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "waybill/configure/parse.h"
#include "waybill/exporters/encoding_destination.h"
#include "waybill/exporters/otlp_encoder.h"
#include "waybill/exporters/testing/sample_spans.h"

// Against librdkafka's own mock cluster, over real connections.
namespace waybill::exporters {
namespace {

using namespace std::chrono_literals;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using Outcome = Delivery::Outcome;
using Clock = std::chrono::steady_clock;

constexpr std::int16_t kProduce = 0;  // the API key

brokers::Client make_client(rd_kafka_type_t type, const configure::Pairs& properties) {
  Expected<brokers::Conf> conf = brokers::make_conf({}, properties, {});
  EXPECT_TRUE(conf);
  Expected<brokers::Client> client = brokers::make_client(type, std::move(*conf));
  EXPECT_TRUE(client);
  return std::move(*client);
}

class KafkaTransportTest : public ::testing::Test {
 protected:
  KafkaTransportTest() { rd_kafka_mock_topic_create(cluster_.get(), "otlp_spans", 1, 1); }

  configure::KafkaSettings settings(const configure::Pairs& more = {}) const {
    configure::KafkaSettings kafka{{{"bootstrap.servers", brokers()}}};
    kafka.properties.insert(kafka.properties.end(), more.begin(), more.end());
    return kafka;
  }
  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_.get()); }

  static Delivery send(const configure::KafkaSettings& settings, std::string_view body,
                       std::chrono::milliseconds time = 60s) {
    KafkaTransport transport{settings, "otlp_spans"};
    return transport.send(body, Clock::now() + time);
  }

  // The values of all messages of the topic.
  std::vector<std::string> read() const {
    const brokers::Client consumer = make_client(
        RD_KAFKA_CONSUMER,
        {{"bootstrap.servers", brokers()}, {"group.id", "reader"}, {"enable.partition.eof", "true"}});
    std::unique_ptr<rd_kafka_topic_partition_list_t, decltype(&rd_kafka_topic_partition_list_destroy)> from{
        rd_kafka_topic_partition_list_new(1), rd_kafka_topic_partition_list_destroy};
    rd_kafka_topic_partition_list_add(from.get(), "otlp_spans", 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(consumer.get(), from.get());
    std::vector<std::string> values;
    for (bool more = true; more;) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer.get(), 60'000);
      if (message == nullptr) break;
      more = message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        values.emplace_back(static_cast<const char*>(message->payload), message->len);
      rd_kafka_message_destroy(message);
    }
    return values;
  }

  brokers::Client carrier_ = make_client(RD_KAFKA_PRODUCER, {{"log_level", "0"}});
  std::unique_ptr<rd_kafka_mock_cluster_t, decltype(&rd_kafka_mock_cluster_destroy)> cluster_{
      rd_kafka_mock_cluster_new(carrier_.get(), 1), rd_kafka_mock_cluster_destroy};
};

TEST_F(KafkaTransportTest, SendsEachBodyAsOneMessage) {
  KafkaTransport transport{settings(), "otlp_spans"};
  for (const char* body : {"one", "two"})
    EXPECT_EQ(transport.send(body, Deadline::max()).outcome, Outcome::kTaken);
  EXPECT_EQ(read(), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(transport.name(), "topic otlp_spans at " + brokers());
}

TEST_F(KafkaTransportTest, TriesAgainWhereTheBrokerSaysLater) {
  rd_kafka_mock_push_request_errors(cluster_.get(), kProduce, 2, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                    RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
  EXPECT_EQ(send(settings(), "one").outcome, Outcome::kTaken);
  EXPECT_EQ(read(), (std::vector<std::string>{"one"}));
}

TEST_F(KafkaTransportTest, TakesARefusalForANo) {
  rd_kafka_mock_push_request_errors(cluster_.get(), kProduce, 1,
                                    RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  const Delivery delivery = send(settings(), "one");
  EXPECT_EQ(delivery.outcome, Outcome::kRejected);
  EXPECT_NE(delivery.reason.find("authorization failed"), std::string::npos) << delivery.reason;
  EXPECT_TRUE(read().empty());
}

// librdkafka refuses by itself then, until it hears of the topic again.
TEST_F(KafkaTransportTest, GoesOnAfterARefusal) {
  KafkaTransport transport{settings({{"topic.metadata.refresh.interval.ms", "100"}}), "otlp_spans"};
  rd_kafka_mock_push_request_errors(cluster_.get(), kProduce, 1,
                                    RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  EXPECT_EQ(transport.send("one", Deadline::max()).outcome, Outcome::kRejected);
  const auto patience = Clock::now() + 60s;
  while (transport.send("two", Deadline::max()).outcome == Outcome::kRejected && Clock::now() < patience)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(read(), (std::vector<std::string>{"two"}));
}

TEST_F(KafkaTransportTest, GivesUpAtTheDeadlineAndSaysWhy) {
  const Delivery delivery = send({{{"bootstrap.servers", "127.0.0.1:1"}}}, "one", 2s);
  EXPECT_EQ(delivery.outcome, Outcome::kUnreachable);
  EXPECT_NE(delivery.reason.find("Connection refused"), std::string::npos) << delivery.reason;
}

TEST_F(KafkaTransportTest, GoesOnAfterADeadline) {
  KafkaTransport transport{settings(), "otlp_spans"};
  rd_kafka_mock_broker_set_down(cluster_.get(), 1);
  EXPECT_EQ(transport.send("one", Clock::now() + 100ms).outcome, Outcome::kUnreachable);
  rd_kafka_mock_broker_set_up(cluster_.get(), 1);
  EXPECT_EQ(transport.send("two", Deadline::max()).outcome, Outcome::kTaken);
  EXPECT_EQ(read(), (std::vector<std::string>{"two"}));
}

TEST_F(KafkaTransportTest, StopsAtOnceAndStaysStopped) {
  KafkaTransport transport{{{{"bootstrap.servers", "127.0.0.1:1"}}}, "otlp_spans"};
  Delivery delivery;
  std::jthread sender{[&] { delivery = transport.send("one", Deadline::max()); }};
  transport.stop();
  sender.join();
  EXPECT_EQ(delivery.outcome, Outcome::kStopped);
  EXPECT_EQ(transport.send("two", Deadline::max()).outcome, Outcome::kStopped);
}

TEST_F(KafkaTransportTest, NamesAPropertyThatIsWrongWithoutItsValue) {
  for (const char* name : {"no.such.property", "security.protocol", "plugin.library.paths"}) {
    const Delivery delivery = send(settings({{name, "hidden"}}), "one");
    EXPECT_EQ(delivery.outcome, Outcome::kRejected);
    EXPECT_NE(delivery.reason.find(name), std::string::npos) << delivery.reason;
    EXPECT_EQ(delivery.reason.find("hidden"), std::string::npos) << delivery.reason;
  }
}

TEST_F(KafkaTransportTest, KeepsItsPromisesWhateverThePropertiesSay) {
  EXPECT_EQ(send(settings({{"acks", "0"}, {"enable.idempotence", "false"}}), "one").outcome, Outcome::kTaken);
  EXPECT_EQ(read(), (std::vector<std::string>{"one"}));
}

TEST_F(KafkaTransportTest, GetsBatchesBelowTheLargestMessage) {
  EncodingDestination destination{
      std::make_unique<OtlpTraceEncoder>(),
      std::make_unique<KafkaTransport>(settings({{"message.max.bytes", "4000"}}), "otlp_spans")};
  const std::shared_ptr<const telemetry::SpanBatch> batch = testing::batch_of(100);
  EXPECT_EQ(destination.deliver({&batch, 1}, Deadline::max()).outcome, Outcome::kTaken);
  int spans = 0;
  for (const std::string& value : read()) {
    ExportTraceServiceRequest request;
    ASSERT_TRUE(request.ParseFromString(value));
    EXPECT_LE(value.size(), 4000U);
    spans += request.resource_spans(0).scope_spans(0).spans_size();
  }
  EXPECT_EQ(spans, 100);
}

}  // namespace
}  // namespace waybill::exporters
