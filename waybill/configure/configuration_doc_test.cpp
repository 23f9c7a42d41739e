#include "waybill/configure/configuration_doc.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "waybill/configure/setting_table.h"

namespace waybill::configure {
namespace {

TEST(ConfigurationDocTest, HasOneLineForEachSetting) {
  const std::string page = configuration_markdown();
  for (const Setting& setting : known_settings()) {
    const std::string begin = "\n| `" + std::string{setting.name} + "` | ";
    const std::size_t at = page.find(begin);
    ASSERT_NE(at, std::string::npos) << setting.name;
    EXPECT_EQ(page.find(begin, at + 1), std::string::npos) << setting.name;
  }
}

TEST(ConfigurationDocTest, IsWhatTheDocumentationSays) {
  const char* path = WAYBILL_SOURCE_DIR "/docs/configuration.md";
  if (const char* approve = std::getenv("WAYBILL_APPROVE");
      approve != nullptr && std::string_view{approve} == "1") {
    std::ofstream{path} << configuration_markdown();
  }
  std::ifstream file{path};
  std::stringstream content;
  content << file.rdbuf();
  EXPECT_EQ(content.str(), configuration_markdown())
      << path << " is stale: run configure_test with WAYBILL_APPROVE=1, and review the change";
}

}  // namespace
}  // namespace waybill::configure
