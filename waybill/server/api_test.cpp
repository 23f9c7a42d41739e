#include "waybill/server/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "waybill/server/csv.h"
#include "waybill/server/ingest.h"
#include "waybill/store/sqlite_store.h"

namespace waybill::server {
namespace {

using nlohmann::ordered_json;
using ::testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000'000;
const std::int64_t kNow =
    std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();

// A span as a client sends it in JSON.
struct Sent {
  std::string trace = "0102030405060708090a0b0c0d0e0f10";
  std::string span;
  std::string parent = {};
  std::string service = "orders";
  std::string operation = "send";
  std::int64_t start_ns = kNow - 10 * kSecond;
  std::int64_t end_ns = kNow - 9 * kSecond;
  std::string offset = "7";
  std::string group = {};
  std::string error = {};
  std::string topic = "orders";
  std::string links = {};
};

ordered_json text(const std::string& name, const std::string& value) {
  return {{"key", name}, {"value", {{"stringValue", value}}}};
}

std::string request_of(const Sent& sent) {
  ordered_json attributes = {
      text("messaging.system", "kafka"), text("messaging.operation.type", sent.operation),
      text("messaging.destination.name", sent.topic), text("messaging.destination.partition.id", "0")};
  if (!sent.offset.empty())
    attributes.push_back({{"key", "messaging.kafka.offset"}, {"value", {{"intValue", sent.offset}}}});
  if (!sent.group.empty()) attributes.push_back(text("messaging.consumer.group.name", sent.group));
  if (!sent.error.empty()) attributes.push_back(text("error.type", sent.error));
  ordered_json span = {{"traceId", sent.trace},
                       {"spanId", sent.span},
                       {"parentSpanId", sent.parent},
                       {"name", sent.operation + " " + sent.topic},
                       {"kind", sent.operation == "send" ? 4 : 5},
                       {"startTimeUnixNano", std::to_string(sent.start_ns)},
                       {"endTimeUnixNano", std::to_string(sent.end_ns)},
                       {"attributes", attributes},
                       {"status", {{"code", sent.error.empty() ? 0 : 2}}}};
  return ordered_json{{"resourceSpans",
                       {{{"resource", {{"attributes", {text("service.name", sent.service)}}}},
                         {"scopeSpans", {{{"spans", {span}}}}}}}}}
      .dump();
}

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    std::string name = (std::filesystem::temp_directory_path() / "waybill-api-XXXXXX").string();
    store::SqliteStoreConfig config;
    config.folder = folder_ = mkdtemp(name.data());
    auto store = store::SqliteStore::open(config);
    EXPECT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
    flow_ = std::make_unique<FlowMinutes>(*store_, FlowMinutes::Limits{});
    ingest_ = std::make_unique<Ingest>(*store_, *flow_, [] { return kNow; });
    api_ = std::make_unique<Api>(Sources{*store_, *flow_, brokers_, groups_,
                                         [this] { return ingest_->received(); }, [] { return kNow; }, kNow,
                                         1'000, 60});
  }
  ~ApiTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  void receive(const Sent& sent) {
    const Answer answer =
        ingest_->receive(otlp::Signal::kTraces, "application/json; charset=utf-8", request_of(sent));
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  // A message that is sent, and processed by the group billing.
  void receive_message() {
    receive({.span = "aaaaaaaaaaaaaaa1"});
    receive({.span = "aaaaaaaaaaaaaaa2",
             .parent = "aaaaaaaaaaaaaaa1",
             .service = "billing",
             .operation = "process",
             .start_ns = kNow - 5 * kSecond,
             .end_ns = kNow - 4 * kSecond,
             .group = "billing"});
  }
  void receive_lag(const std::string& group, std::int64_t time_ns, int lag) {
    const ordered_json attributes = {text("messaging.consumer.group.name", group),
                                     text("messaging.destination.name", "orders"),
                                     text("messaging.destination.partition.id", "0")};
    const ordered_json point = {
        {"timeUnixNano", std::to_string(time_ns)}, {"asDouble", lag}, {"attributes", attributes}};
    const ordered_json metric = {{"name", "kafka.consumer.lag"}, {"gauge", {{"dataPoints", {point}}}}};
    const ordered_json request = {{"resourceMetrics", {{{"scopeMetrics", {{{"metrics", {metric}}}}}}}}};
    ASSERT_EQ(ingest_->receive(otlp::Signal::kMetrics, "application/json", request.dump()).status, 200);
  }
  ordered_json ask(const std::string& path, Parameters::Values values = {}, int status = 200) {
    const Answer answer = api_->answer(path, std::move(values));
    EXPECT_EQ(answer.status, status) << path << ": " << answer.body;
    return ordered_json::parse(answer.body);
  }

  std::filesystem::path folder_;
  BrokerView brokers_{{}};
  GroupWatch groups_{brokers_};
  std::unique_ptr<store::SqliteStore> store_;
  std::unique_ptr<FlowMinutes> flow_;
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<Api> api_;
};

TEST_F(ApiTest, AnswersEveryQuestionWhileTheStoreIsEmpty) {
  for (const char* path : {"/status", "/overview", "/messages", "/traces", "/flow", "/lag", "/loss"})
    ask(path);
  EXPECT_EQ(ask("/names", {{"kind", "topic"}})["names"], ordered_json::array());
  EXPECT_THAT(ask("/message", {{"topic", "orders"}, {"partition", "0"}, {"offset", "7"}}, 404)["error"]
                  .get<std::string>(),
              HasSubstr("nothing is known"));
  ask("/traces/0102030405060708090a0b0c0d0e0f10", {}, 404);
}

TEST_F(ApiTest, ShowsAMessagesWay) {
  receive_message();
  const ordered_json way = ask("/message", {{"topic", "orders"}, {"partition", "0"}, {"offset", "7"}});
  EXPECT_EQ(way["message"]["offset"], 7);
  EXPECT_EQ(way["produced"]["service"], "orders");
  ASSERT_EQ(way["groups"].size(), 1U);
  EXPECT_EQ(way["groups"][0]["group"], "billing");
  EXPECT_EQ(way["groups"][0]["verdict"]["state"], "processed");
  EXPECT_NEAR(way["groups"][0]["end_to_end_ms"].get<double>(), 6'000, 1);
  // The same by the context that travelled with it.
  const ordered_json same =
      ask("/message", {{"trace", "0102030405060708090a0b0c0d0e0f10"}, {"span", "aaaaaaaaaaaaaaa1"}});
  EXPECT_EQ(same["groups"], way["groups"]);
}

TEST_F(ApiTest, FindsMessagesBySendsAndElseByWhatConsumedThem) {
  receive_message();
  receive({.span = "aaaaaaaaaaaaaaa3", .offset = "", .error = "_MSG_TIMED_OUT"});
  receive({.span = "aaaaaaaaaaaaaaa4",
           .service = "shipping",
           .operation = "process",
           .group = "shipping",
           .topic = "payments"});
  const auto found = [&](Parameters::Values values) {
    return ask("/messages", std::move(values))["messages"];
  };
  EXPECT_EQ(found({{"topic", "orders"}}).size(), 2U);
  EXPECT_EQ(found({{"topic", "orders"}, {"error", "true"}})[0]["error"], "_MSG_TIMED_OUT");
  EXPECT_EQ(found({{"topic", "orders"}, {"offset", "7"}}).size(), 1U);
  EXPECT_EQ(found({{"topic", "payments"}})[0]["service"], "shipping");
  EXPECT_EQ(found({{"trace", "0102030405060708090a0b0c0d0e0f10"}}).size(), 2U);
}

TEST_F(ApiTest, GivesSearchesPageByPage) {
  for (int number = 10; number < 30; ++number)
    receive({.span = "aaaaaaaaaaaaaa" + std::to_string(number), .offset = std::to_string(number)});
  std::set<std::int64_t> offsets;
  Parameters::Values values{{"limit", "3"}};
  for (int page = 0; page < 10; ++page) {
    const ordered_json answer = ask("/messages", values);
    for (const auto& message : answer["messages"])
      EXPECT_TRUE(offsets.insert(message["message"]["offset"].get<std::int64_t>()).second);
    if (answer["next"].is_null()) break;
    values = {{"limit", "3"}, {"cursor", answer["next"].get<std::string>()}};
  }
  EXPECT_EQ(offsets.size(), 20U);
}

TEST_F(ApiTest, FollowsLinksBothWays) {
  receive({.span = "aaaaaaaaaaaaaaa1"});
  const Sent linking{.trace = "ff02030405060708090a0b0c0d0e0f10",
                     .span = "aaaaaaaaaaaaaaa2",
                     .service = "billing",
                     .operation = "process",
                     .group = "billing"};
  std::string request = request_of(linking);
  const std::string link =
      R"("links":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"aaaaaaaaaaaaaaa1"}],)";
  request.insert(request.find("\"name\":\"process"), link);
  ASSERT_EQ(ingest_->receive(otlp::Signal::kTraces, "application/json", request).status, 200);
  for (const char* trace : {"0102030405060708090a0b0c0d0e0f10", "ff02030405060708090a0b0c0d0e0f10"}) {
    const ordered_json answer = ask(std::string{"/traces/"} + trace);
    ASSERT_EQ(answer["spans"].size(), 2U) << trace;
    for (const auto& span : answer["spans"]) {
      const char* seen = span["service"] == "orders" ? "linked_by" : "links";
      ASSERT_EQ(span[seen].size(), 1U) << trace;
      EXPECT_EQ(span[seen][0]["service"], span["service"] == "orders" ? "billing" : "orders");
    }
  }
  EXPECT_EQ(ask("/traces").at("traces").size(), 2U);
  EXPECT_EQ(ask("/traces/0102030405060708090a0b0c0d0e0f10/otlp")["resourceSpans"].size(), 1U);
}

TEST_F(ApiTest, NamesAnAbortedMessageThatNobodyReads) {
  receive({.span = "aaaaaaaaaaaaaaa1", .parent = "aaaaaaaaaaaaaaa2"});
  std::string transaction =
      request_of({.span = "aaaaaaaaaaaaaaa2", .operation = "transaction", .offset = ""});
  const std::string outcome =
      R"({"key":"waybill.kafka.transaction.outcome","value":{"stringValue":"aborted"}},)";
  transaction.insert(transaction.find(R"({"key":"messaging.system")"), outcome);
  ASSERT_EQ(ingest_->receive(otlp::Signal::kTraces, "application/json", transaction).status, 200);
  const ordered_json named = ask("/loss", {{"topic", "orders"}})["named"];
  ASSERT_EQ(named.size(), 1U) << named;
  EXPECT_EQ(named[0]["verdict"]["state"], "aborted");
  EXPECT_EQ(named[0]["message"]["offset"], 7);
  // Of a group that does not read it it is no loss.
  EXPECT_EQ(ask("/loss", {{"group", "billing"}})["named"].size(), 0U);
}

TEST_F(ApiTest, CountsWhatFlows) {
  receive_message();
  const ordered_json flow = ask("/flow");
  std::set<std::string> nodes;
  for (const auto& node : flow["nodes"]) nodes.insert(node["id"].get<std::string>());
  EXPECT_TRUE(nodes.contains("service:orders") && nodes.contains("topic:orders") &&
              nodes.contains("group:billing"))
      << flow;
  const ordered_json overview = ask("/overview");
  EXPECT_EQ(overview["topics"][0]["topic"], "orders");
  EXPECT_NEAR(overview["topics"][0]["end_to_end"]["p50_ms"].get<double>(), 6'000, 300);
}

TEST_F(ApiTest, SaysTheSameOfAGroupsLagOnEveryPage) {
  for (int minute = 0; minute < 20; ++minute)
    receive_lag("billing", kNow - (20 - minute) * 60 * kSecond, minute);
  const ordered_json group = ask("/lag")["groups"][0];
  EXPECT_EQ(group["state"], "falling_behind");
  EXPECT_EQ(ask("/overview")["groups"][0]["state"], group["state"]);
  EXPECT_THAT(ask("/flow")["impact"][0]["text"].get<std::string>(), HasSubstr("falls behind"));
}

TEST_F(ApiTest, FlowSaysWhoIsBehindAtTheEndOfTheWindowThoughItCountsByMinutes) {
  constexpr std::int64_t kMinute = 60 * kSecond;
  const std::int64_t minute = kNow / kMinute * kMinute - 10 * kMinute;
  receive_lag("billing", minute + 40 * kSecond, 100);
  receive_lag("billing", minute + 55 * kSecond, 3);
  const ordered_json flow = ask("/flow", {{"from", std::to_string((minute - 5 * kMinute) / 1'000'000)},
                                          {"to", std::to_string((minute + 45 * kSecond) / 1'000'000)}});
  ASSERT_EQ(flow["nodes"][0]["id"], "group:billing");
  EXPECT_EQ(flow["nodes"][0]["lag"], 100);
}

TEST_F(ApiTest, JoinsAWayWhoseSendComesLast) {
  receive({.span = "aaaaaaaaaaaaaaa2",
           .parent = "aaaaaaaaaaaaaaa1",
           .service = "billing",
           .operation = "process",
           .start_ns = kNow - 5 * kSecond,
           .end_ns = kNow - 4 * kSecond,
           .group = "billing"});
  receive({.span = "aaaaaaaaaaaaaaa1"});
  EXPECT_NEAR(ask("/overview")["totals"]["end_to_end_p50_ms"]["now"].get<double>(), 6'000, 300);
}

TEST_F(ApiTest, SaysWhatIsWrongWithAQuestion) {
  EXPECT_THAT(ask("/messages", {{"partition", "x"}}, 400)["error"].get<std::string>(),
              HasSubstr("partition must be"));
  EXPECT_THAT(ask("/messages", {{"cursor", "x"}}, 400)["error"].get<std::string>(), HasSubstr("cursor"));
  EXPECT_THAT(ask("/messages", {{"limit", "0"}}, 400)["error"].get<std::string>(),
              HasSubstr("between 1 and 1000"));
  EXPECT_THAT(ask("/flow", {{"from", "5"}, {"to", "5"}}, 400)["error"].get<std::string>(),
              HasSubstr("from must be before"));
  EXPECT_THAT(ask("/message", {}, 400)["error"].get<std::string>(), HasSubstr("named by topic"));
  EXPECT_THAT(ask("/traces/xyz", {}, 400)["error"].get<std::string>(), HasSubstr("32 hexadecimal digits"));
  EXPECT_THAT(ask("/names", {{"kind", "x"}}, 400)["error"].get<std::string>(),
              HasSubstr("topic, service or group"));
  ask("/nothing", {}, 404);
  ask("/status", {{"format", "csv"}}, 400);
}

TEST_F(ApiTest, WritesListsAsCsv) {
  receive_message();
  const Answer answer = api_->answer("/messages", {{"format", "csv"}});
  EXPECT_EQ(answer.type, "text/csv; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("\"message.topic\",\"message.partition\""));
  EXPECT_THAT(answer.body, HasSubstr("\r\n\"orders\",0,7,"));
}

TEST(CsvTest, LeavesNoFormulaAndNoLineOpen) {
  EXPECT_EQ(csv_of({{{"a", "=1+1"}, {"b", "x\"y\nz"}}}), "\"a\",\"b\"\r\n\"'=1+1\",\"x\"\"y\nz\"\r\n");
  EXPECT_EQ(csv_of({{{"a", nullptr}, {"b", 1.5}}, {{"c", {{"d", true}}}}}),
            "\"a\",\"b\",\"c.d\"\r\n,1.5,\r\n,,true\r\n");
}

TEST_F(ApiTest, RefusesWhatIsNoExport) {
  EXPECT_EQ(ingest_->receive(otlp::Signal::kTraces, "text/plain", "{}").status, 415);
  EXPECT_EQ(ingest_->receive(otlp::Signal::kTraces, "application/json", "{").status, 400);
  EXPECT_EQ(ingest_->receive(otlp::Signal::kTraces, "application/x-protobuf", "").status, 200);
  const ordered_json received = ask("/status")["received"];
  EXPECT_EQ(received["requests"], 3);
  EXPECT_EQ(received["refused_requests"], 2);
}

}  // namespace
}  // namespace waybill::server
