#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "waybill/configure/configuration_file.h"
#include "waybill/configure/parse.h"
#include "waybill/configure/testing/parsed_file.h"

// What a file may look like: references, YAML, bounds. What it says is in configuration_file_test.cpp.
namespace waybill::configure {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::messages;
using testing::parse;
using testing::said;

// What becomes of a value after substitution; none: null.
std::optional<std::string> substituted(const std::string& value) {
  const ConfigurationFile file = parse("resource:\n  attributes:\n    - name: key\n      value: " + value);
  EXPECT_TRUE(file.usable) << value;
  const auto pairs = parse_pairs(file.settings.get("OTEL_RESOURCE_ATTRIBUTES").value_or(""));
  return pairs && !pairs->empty() ? std::optional{pairs->front().second} : std::nullopt;
}

// The table of the specification, Configuration Data Model, "Environment variable substitution".
TEST(ConfigurationFileFormTest, PutsVariablesInPlaceOfReferences) {
  const std::pair<const char*, const char*> cases[] = {
      {"${STRING_VALUE}", "value"},
      {"${env:STRING_VALUE}", "value"},
      {"\"${STRING_VALUE}\"", "value"},
      {"'${STRING_VALUE}'", "value"},
      {"foo ${STRING_VALUE} ${INT_VALUE}", "foo value 1"},
      {"${INVALID_MAP_VALUE}", "value\nkey:value"},
      {"${UNDEFINED_KEY:-fallback}", "fallback"},
      {"${EMPTY:-fallback}", "fallback"},
      {"${STRING_VALUE:-fallback}", "value"},
      {"${REPLACE_ME}", "${DO_NOT_REPLACE_ME}"},
      {"${UNDEFINED_KEY:-${STRING_VALUE}}", "${STRING_VALUE}"},
      {"$${STRING_VALUE}", "${STRING_VALUE}"},
      {"$$${STRING_VALUE}", "$value"},
      {"$$$${STRING_VALUE}", "$${STRING_VALUE}"},
      {"$${STRING_VALUE:-fallback}", "${STRING_VALUE:-fallback}"},
      {"$${STRING_VALUE:-${STRING_VALUE}}", "${STRING_VALUE:-value}"},
      {"${UNDEFINED_KEY:-$${UNDEFINED_KEY}}", "${UNDEFINED_KEY:-${UNDEFINED_KEY}}"},
      {"${VALUE_WITH_ESCAPE}", "value$$"},
      {"a $$ b", "a $ b"},
      {"a $ b", "a $ b"},
      {"\"a ${ b\"", "a ${ b"},
  };
  for (const auto& [input, output] : cases) EXPECT_EQ(substituted(input), output) << input;
}

TEST(ConfigurationFileFormTest, KnowsTheTypeOfAValueAfterSubstitution) {
  EXPECT_EQ(said("disabled: ${BOOL_VALUE}", "OTEL_SDK_DISABLED"), "true");
  EXPECT_EQ(said("attribute_limits:\n  attribute_count_limit: ${HEX_VALUE}", "OTEL_ATTRIBUTE_COUNT_LIMIT"),
            "3735928559");
  EXPECT_THAT(messages(parse("disabled: \"${BOOL_VALUE}\"")),
              ElementsAre("f:2:11: disabled: true or false is expected, but this is a text; it is ignored"));
  EXPECT_EQ(said("disabled: ${EMPTY}", "OTEL_SDK_DISABLED"), std::nullopt);
}

TEST(ConfigurationFileFormTest, DoesNotSubstituteInKeys) {
  EXPECT_THAT(messages(parse("${STRING_VALUE}: 1")),
              ElementsAre("f:2:18: ${STRING_VALUE}: there is no such property; it is ignored"));
}

TEST(ConfigurationFileFormTest, UsesNothingOfAFileWithAnInvalidReference) {
  for (const char* reference : {"${STRING_VALUE:?error}", "${1KEY}", "${API_$KEY}", "${}"}) {
    const ConfigurationFile file = parse("disabled: true\nunknown: " + std::string{reference});
    EXPECT_FALSE(file.usable) << reference;
    EXPECT_EQ(file.settings, Environment{}) << reference;
    ASSERT_EQ(file.problems.size(), 1U) << reference;
    EXPECT_EQ(file.problems[0].position, (Position{3, 10})) << reference;
    EXPECT_THAT(file.problems[0].message, HasSubstr("is no reference")) << reference;
  }
  EXPECT_TRUE(parse("# ${}\ndisabled: true").usable);
}

TEST(ConfigurationFileFormTest, SaysWhenAVariableIsMissingThatIsNoStandardOne) {
  EXPECT_THAT(messages(parse("disabled: ${API_KEY}")),
              ElementsAre(HasSubstr("f:2:11: ${API_KEY}: the variable is not set")));
  EXPECT_EQ(said("disabled: ${OTEL_SDK_DISABLED}", "OTEL_SDK_DISABLED"), std::nullopt);
}

TEST(ConfigurationFileFormTest, UsesNothingOfWhatIsNoYaml) {
  for (const char* text : {"a: [", "a: b: c", "- a", "just words", "\tb: 1", "a: *nowhere", "{a: b}}",
                           "? [a]\n: b", "a: &x [*x]", "---\na: 1\n---\nb: 2", "a: !<",
                           "\xff\xfe"
                           "a: 1",
                           "a: \x80", "a: \xed\xa0\x80", "a: \x01", ""}) {
    const ConfigurationFile file = parse_configuration_file(text, {});
    EXPECT_FALSE(file.usable) << text;
    EXPECT_EQ(file.settings, Environment{}) << text;
    ASSERT_FALSE(file.problems.empty()) << text;
    EXPECT_THAT(file.problems.back().message, HasSubstr("the file is not used")) << text;
  }
}

TEST(ConfigurationFileFormTest, SaysWhereItIsNoYaml) {
  const ConfigurationFile file = parse_configuration_file("a: 1\nb: [1, 2\nc: 3\n", {});
  ASSERT_EQ(file.problems.size(), 1U);
  EXPECT_EQ(file.problems[0].position.line, 3);
}

TEST(ConfigurationFileFormTest, FollowsAliasesAndMergeKeys) {
  EXPECT_EQ(said("attribute_limits: &limits {attribute_count_limit: 3}\n"
                 "tracer_provider: {processors: [], limits: *limits}",
                 "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"),
            "3");
  EXPECT_EQ(said("attribute_limits: &limits {attribute_count_limit: 3, attribute_value_length_limit: 9}\n"
                 "tracer_provider: {processors: [], limits: {<<: *limits, attribute_count_limit: 4}}",
                 "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"),
            "4");
}

TEST(ConfigurationFileFormTest, BoundsWhatAliasesMakeOfAFile) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 12; ++level) {
    const std::string before = "*a" + std::to_string(level - 1);
    bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [";
    for (int member = 0; member < 9; ++member) bomb += (member == 0 ? "" : ", ") + before;
    bomb += "]\n";
  }
  const ConfigurationFile file = parse(bomb);
  EXPECT_FALSE(file.usable);
  EXPECT_THAT(messages(file), ElementsAre(HasSubstr("than any settings need")));
}

TEST(ConfigurationFileFormTest, BoundsItsDepth) {
  for (const int depth : {40, 400, 100'000}) {
    EXPECT_FALSE(parse("a: " + std::string(static_cast<std::size_t>(depth), '[')).usable);
    EXPECT_FALSE(parse("a: " + std::string(static_cast<std::size_t>(depth), '[') +
                       std::string(static_cast<std::size_t>(depth), ']'))
                     .usable);
  }
}

class LoadedFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/waybill-configuration-XXXXXX";
    directory_ = mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string write(const std::string& text) {
    std::ofstream{directory_ + "/otel.yaml"} << text;
    return directory_ + "/otel.yaml";
  }
  std::string directory_;
};

TEST_F(LoadedFileTest, IsReadAndParsed) {
  const ConfigurationFile file = load_configuration_file(write("file_format: '1.0'\ndisabled: true\n"), {});
  EXPECT_EQ(file.settings.get("OTEL_SDK_DISABLED"), "true");
}

TEST_F(LoadedFileTest, IsNotReadWhenItIsNoRegularFile) {
  ASSERT_EQ(mkfifo((directory_ + "/pipe").c_str(), 0600), 0);
  for (const std::string& path : {directory_, directory_ + "/pipe", "/dev/zero"s, directory_ + "/none"}) {
    const ConfigurationFile file = load_configuration_file(path, {});
    EXPECT_FALSE(file.usable) << path;
    EXPECT_THAT(messages(file), ElementsAre(HasSubstr("the file is not used"))) << path;
  }
}

TEST_F(LoadedFileTest, IsNotReadWhenItIsTooLarge) {
  const std::string begin = "file_format: '1.0'\n#";
  EXPECT_TRUE(load_configuration_file(write(begin + std::string(256 * 1024 - begin.size(), 'x')), {}).usable);
  const ConfigurationFile file = load_configuration_file(write(begin + std::string(256 * 1024, 'x')), {});
  EXPECT_FALSE(file.usable);
  EXPECT_THAT(messages(file), ElementsAre(HasSubstr("larger than 262144 bytes")));
}

}  // namespace
}  // namespace waybill::configure
