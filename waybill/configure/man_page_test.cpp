#include "waybill/configure/man_page.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace waybill::configure {
namespace {

TEST(ManPageTest, EscapesWhatIsMarkupOfItsOwn) {
  const std::string page = settings_man_page();
  EXPECT_NE(page.find("\\fBfalse\\fR switches everything off"), std::string::npos);
  EXPECT_EQ(page.find('`'), std::string::npos);
  EXPECT_EQ(page.find("\n'"), std::string::npos);
}

TEST(ManPageTest, IsWhatStandsInItsFile) {
  const char* path = WAYBILL_SOURCE_DIR "/share/man/waybill-settings.7";
  if (const char* approve = std::getenv("WAYBILL_APPROVE");
      approve != nullptr && std::string_view{approve} == "1") {
    std::ofstream{path} << settings_man_page();
  }
  std::ifstream file{path};
  std::stringstream content;
  content << file.rdbuf();
  EXPECT_EQ(content.str(), settings_man_page())
      << path << " is stale: run configure_test with WAYBILL_APPROVE=1, and review the change";
}

}  // namespace
}  // namespace waybill::configure
