#include "waybill/telemetry/resource.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

namespace waybill::telemetry {
namespace {

constexpr std::uint64_t kStart = 1'700'000'000'000'000'000;

std::string text_of(const Resource& resource, std::string_view key) {
  for (const Attribute& one : resource.attributes) {
    if (one.key == key) return std::string{std::get<std::string_view>(one.value)};
  }
  return {};
}

std::string instance_of(const HostProcess& process) {
  return text_of(make_resource("", {}, process), "service.instance.id");
}

TEST(ResourceTest, HasTheProgramsNameWhereNoServiceNameIsSaid) {
  const HostProcess process{"orders", 42, "machine", kStart};
  EXPECT_EQ(text_of(make_resource("", {}, process), "service.name"), "orders");
  EXPECT_EQ(text_of(make_resource("shop", {}, process), "service.name"), "shop");
}

TEST(ResourceTest, HasAnInstanceIdThatOnlyThisProcessHas) {
  const std::string id = instance_of({"orders", 42, "machine", kStart});
  EXPECT_TRUE(
      std::regex_match(id, std::regex{"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"}))
      << id;
  EXPECT_EQ(instance_of({"orders", 42, "machine", kStart}), id);
  EXPECT_NE(instance_of({"orders", 43, "machine", kStart}), id);
  EXPECT_NE(instance_of({"orders", 42, "other", kStart}), id);
  EXPECT_NE(instance_of({"orders", 42, "machine", kStart + 1}), id);
}

TEST(ResourceTest, KeepsTheInstanceIdThatItsUserGaveIt) {
  const Resource resource =
      make_resource("", {{"service.instance.id", "pod-7"}}, {"orders", 42, "machine", kStart});
  EXPECT_EQ(text_of(resource, "service.instance.id"), "pod-7");
}

}  // namespace
}  // namespace waybill::telemetry
