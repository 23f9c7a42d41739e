#include "waybill/telemetry/client_profile.h"

#include <gtest/gtest.h>

namespace waybill::telemetry {
namespace {

TEST(ServerTest, IsReadFromEveryFormThatBootstrapServersTake) {
  const struct {
    const char* text;
    const char* host;
    std::int64_t port;
  } cases[] = {{"broker:9092", "broker", 9092},
               {"broker", "broker", 0},
               {" a:1 , b:2", "a", 1},
               {"PLAINTEXT://broker:9092", "broker", 9092},
               {"[::1]:9092", "::1", 9092},
               {"[::1]", "::1", 0},
               {"", "", 0},
               {"[broken", "", 0},
               {"broker:many", "broker", 0}};
  for (const auto& one : cases) {
    const Server server = parse_server(one.text);
    EXPECT_EQ(server.host, one.host) << one.text;
    EXPECT_EQ(server.port, one.port) << one.text;
  }
}

TEST(ServerTest, TellsAddressesFromNames) {
  EXPECT_TRUE((Server{"127.0.0.1", 1}).is_address());
  EXPECT_TRUE((Server{"::1", 1}).is_address());
  EXPECT_FALSE((Server{"localhost", 1}).is_address());
}

TEST(ClientProfileTest, ReadsEachFieldInItsPlace) {
  std::string fields;
  for (const char* field : {"consumer", "id", "group", "b-1:9092,b-2", "2.0.2", "all", "transaction",
                            "read_uncommitted", "sasl_ssl", "60000"})
    fields.append(field).push_back('\0');
  const ClientProfile profile = parse_client_profile(fields);
  EXPECT_FALSE(profile.producer);
  EXPECT_EQ(profile.client_id, "id");
  EXPECT_EQ(profile.group_id, "group");
  EXPECT_EQ(profile.servers, "b-1:9092,b-2");
  EXPECT_EQ(profile.first_server.host, "b-1");
  EXPECT_EQ(profile.transactional_id, "transaction");
  EXPECT_EQ(profile.isolation_level, "read_uncommitted");
  EXPECT_EQ(profile.security_protocol, "sasl_ssl");
  EXPECT_EQ(profile.max_poll_interval_ms, 60'000);
}

TEST(ClientProfileTest, ReadsAcksAsANumber) {
  const auto acks = [](const std::string& text) {
    const std::string fields =
        std::string{"producer"} + '\0' + '\0' + '\0' + '\0' + '\0' + text + '\0' + '\0';
    return parse_client_profile(fields).acks;
  };
  EXPECT_EQ(acks("all"), -1);
  EXPECT_EQ(acks("-1"), -1);
  EXPECT_EQ(acks("0"), 0);
  EXPECT_EQ(acks(""), std::nullopt);
}

TEST(ClientProfileTest, TakesWhatIsThereOfATruncatedText) {
  EXPECT_EQ(parse_client_profile("").client_id, "");
  EXPECT_EQ(parse_client_profile(std::string_view{"consumer\0me", 11}).client_id, "me");
}

}  // namespace
}  // namespace waybill::telemetry
