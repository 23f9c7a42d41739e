#include "waybill/lag/choose_cluster.h"

#include <gtest/gtest.h>

namespace waybill::lag {
namespace {

using Mode = QueryPermission::Mode;
using Properties = std::vector<std::pair<std::string, std::string>>;

const ClientConnection kPlain{"kafka:9092", "plaintext"};
const ClientConnection kSecure{"kafka:9092", "sasl_ssl"};
const Properties kSecret{{"security.protocol", "sasl_ssl"}, {"sasl.password", "secret"}};

TEST(ChooseClusterTest, AsksInPlainTextWhereTheClientDoes) {
  const auto cluster = choose_cluster(kPlain, {});
  ASSERT_TRUE(cluster);
  EXPECT_EQ(cluster->bootstrap_servers, "kafka:9092");
  EXPECT_TRUE(cluster->properties.empty());
}

TEST(ChooseClusterTest, AsksNobodyWhereTheClientHasACredentialThatWeHaveNot) {
  EXPECT_FALSE(choose_cluster(kSecure, {}));
  EXPECT_FALSE(choose_cluster(kSecure, {.mode = Mode::kOn}));
  EXPECT_FALSE(choose_cluster({"kafka:9092", ""}, {.mode = Mode::kOn})) << "nobody knows how it connects";
}

TEST(ChooseClusterTest, AsksNobodyWhenItIsOffOrNoBrokerIsKnown) {
  EXPECT_FALSE(choose_cluster(kPlain, {.mode = Mode::kOff}));
  EXPECT_FALSE(choose_cluster({"", "plaintext"}, {.mode = Mode::kOn}));
}

TEST(ChooseClusterTest, UsesPropertiesOnlyWhenItIsOn) {
  EXPECT_EQ(choose_cluster(kSecure, {.mode = Mode::kOn, .properties = kSecret})->properties, kSecret);
  EXPECT_FALSE(choose_cluster(kSecure, {.mode = Mode::kAuto, .properties = kSecret}));
  EXPECT_TRUE(choose_cluster(kPlain, {.mode = Mode::kAuto, .properties = kSecret})->properties.empty());
}

TEST(ChooseClusterTest, PropertiesThatNameBrokersAreForTheseAlone) {
  Properties named = kSecret;
  named.emplace_back("bootstrap.servers", "kafka:9092");
  const QueryPermission permission{.mode = Mode::kOn, .properties = named};
  EXPECT_EQ(choose_cluster(kSecure, permission)->properties, kSecret);
  EXPECT_FALSE(choose_cluster({"elsewhere:9092", "sasl_ssl"}, permission));
  EXPECT_TRUE(choose_cluster({"elsewhere:9092", "plaintext"}, permission)->properties.empty());
}

TEST(ChooseClusterTest, GivesNoSecretToBrokersThatAnotherUsersProgramNames) {
  QueryPermission permission{.mode = Mode::kOn, .properties = kSecret, .same_user = false};
  EXPECT_FALSE(choose_cluster(kSecure, permission));
  EXPECT_TRUE(choose_cluster(kPlain, permission)->properties.empty());
  permission.properties.emplace_back("bootstrap.servers", "kafka:9092");
  EXPECT_EQ(choose_cluster(kSecure, permission)->properties, kSecret) << "we named them, too";
}

}  // namespace
}  // namespace waybill::lag
