#include "waybill/configure/setting_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "waybill/configure/resolve.h"

namespace waybill::configure {
namespace {

// The names of variables that stand as texts of their own in what resolve() consists of.
std::set<std::string> names_that_resolve_reads() {
  std::stringstream content;
  for (const char* source :
       {"resolve.cpp", "internal/otlp_names.h", "internal/resolve_export.cpp", "internal/resolve_metrics.cpp",
        "internal/resolve_logs.cpp", "internal/resolve_sampling.cpp"})
    content << std::ifstream{std::string{WAYBILL_SOURCE_DIR "/waybill/configure/"} + source}.rdbuf();
  const std::string text = content.str();
  const std::regex name{"\"((OTEL|WAYBILL)_[A-Z_]+)\""};
  std::set<std::string> names;
  for (std::sregex_iterator match{text.begin(), text.end(), name}, end; match != end; ++match)
    names.insert((*match)[1].str());
  return names;
}

TEST(SettingTableTest, FindsASettingByItsName) {
  ASSERT_NE(find_setting("WAYBILL_INJECT"), nullptr);
  EXPECT_EQ(find_setting("WAYBILL_INJECT")->default_text, "always");
  EXPECT_EQ(find_setting("WAYBILL_INJEC"), nullptr);
  EXPECT_EQ(find_setting(""), nullptr);
}

TEST(SettingTableTest, HasOneRowForEachVariable) {
  std::set<std::string_view> names;
  for (const Setting& setting : known_settings())
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
}

TEST(SettingTableTest, SaysWhatEachVariableMeansInOneTableCell) {
  for (const Setting& setting : known_settings()) {
    EXPECT_FALSE(setting.meaning.empty()) << setting.name;
    EXPECT_EQ(setting.meaning.find_first_of("|\n"), std::string_view::npos) << setting.name;
  }
}

TEST(SettingTableTest, NamesTheDefaultsThatHoldWhenNothingIsSet) {
  for (const Setting& setting : known_settings()) {
    Environment environment;
    environment.set(std::string{setting.name} + "=" + std::string{setting.default_text});
    const Resolved resolved = resolve(environment);
    EXPECT_EQ(resolved.settings, Settings{}) << setting.name;
    EXPECT_TRUE(resolved.problems.empty()) << setting.name;
  }
}

TEST(SettingTableTest, HasARowForWhatIsReadAndNoOther) {
  std::set<std::string> rows;
  for (const Setting& setting : known_settings()) {
    // These are read before anything is resolved: by the host itself, and where the sources are combined.
    if (setting.group != SettingGroup::kHost && setting.group != SettingGroup::kFile)
      rows.insert(std::string{setting.name});
  }
  EXPECT_EQ(rows, names_that_resolve_reads());
}

}  // namespace
}  // namespace waybill::configure
