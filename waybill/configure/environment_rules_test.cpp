// The rules that the OpenTelemetry specification has for all environment variables ("Environment Variable
// Specification"), held against many values made by chance: always the same ones.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/configure/parse.h"
#include "waybill/configure/resolve.h"
#include "waybill/configure/setting_table.h"

namespace waybill::configure {
namespace {

constexpr int kTrials = 500;

class Chance {
 public:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool coin() { return below(2) == 0; }
  std::uint64_t number() { return random_(); }

  std::string of(std::string_view alphabet, std::size_t longest) {
    std::string text(below(longest + 1), ' ');
    for (char& c : text) c = alphabet[below(alphabet.size())];
    return text;
  }
  std::string blanks() { return of(" \t\r\n", 3); }
  std::string in_any_case(std::string text) {
    for (char& c : text) c = static_cast<char>(coin() ? std::toupper(c) : std::tolower(c));
    return text;
  }

 private:
  std::mt19937_64 random_{20'240'607};
};

Resolved resolved(std::string_view name, const std::string& value) {
  Environment environment;
  environment.set(name, value);
  return resolve(environment);
}

// A value is wrong: it is told once, under its name, and everything is as if it were not set.
void expect_refused(std::string_view name, const std::string& value) {
  const Resolved result = resolved(name, value);
  EXPECT_EQ(result.settings, Settings{}) << name << "=" << value;
  ASSERT_EQ(result.problems.size(), 1U) << name << "=" << value;
  EXPECT_EQ(result.problems[0].setting, name);
}

void expect_accepted(std::string_view name, const std::string& value, const Settings& expected) {
  const Resolved result = resolved(name, value);
  EXPECT_EQ(result.settings, expected) << name << "=" << value;
  EXPECT_TRUE(result.problems.empty()) << name << "=" << value << ": " << describe(result.problems.front());
}

TEST(EnvironmentRulesTest, TakeEmptyForUnset) {
  Chance chance;
  for (const Setting& setting : known_settings()) {
    for (int trial = 0; trial < 10; ++trial) expect_accepted(setting.name, chance.blanks(), Settings{});
  }
}

TEST(EnvironmentRulesTest, TakeOnlyTheWordTrueForTrue) {
  Chance chance;
  Settings disabled;
  disabled.sdk_disabled = true;
  for (int trial = 0; trial < kTrials; ++trial) {
    expect_accepted("OTEL_SDK_DISABLED", chance.blanks() + chance.in_any_case("true") + chance.blanks(),
                    disabled);
    expect_accepted("OTEL_SDK_DISABLED", chance.blanks() + chance.in_any_case("false") + chance.blanks(),
                    Settings{});
    std::string other = "x" + chance.of("true01yesno ", 6);
    std::rotate(other.begin(), other.begin() + static_cast<std::ptrdiff_t>(chance.below(other.size())),
                other.end());
    expect_refused("OTEL_SDK_DISABLED", other);
  }
}

TEST(EnvironmentRulesTest, TakeWholeNumbersInTheirRangeWithBlanksAround) {
  Chance chance;
  for (int trial = 0; trial < kTrials; ++trial) {
    Settings expected;
    expected.link_count_limit = chance.below(1'000'000'001);
    const std::string zeros(chance.below(4), '0');
    expect_accepted("OTEL_SPAN_LINK_COUNT_LIMIT",
                    chance.blanks() + zeros + std::to_string(expected.link_count_limit) + chance.blanks(),
                    expected);
  }
}

TEST(EnvironmentRulesTest, RefuseNumbersThatOverflow) {
  Chance chance;
  for (int trial = 0; trial < kTrials; ++trial) {
    const std::string digits =
        "1" + std::to_string(1'000'000'000 + chance.below(1'000'000'000)) + chance.of("0123456789", 60);
    for (const char* name :
         {"OTEL_SPAN_LINK_COUNT_LIMIT", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_EXPORTER_OTLP_TIMEOUT"})
      expect_refused(name, digits);
  }
  // The first ones that do not fit into 32 and 64 bits, and would be small if they were cut.
  for (const char* number : {"4294967296", "4294967297", "18446744073709551616", "18446744073709551617"})
    expect_refused("OTEL_SPAN_LINK_COUNT_LIMIT", number);
}

TEST(EnvironmentRulesTest, RefuseWhatIsNoWholeNumber) {
  Chance chance;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::string text = std::to_string(chance.below(1000)) + std::to_string(chance.below(1000));
    const std::string_view wrong = ".,+-_ex' ";
    text.insert(1 + chance.below(text.size() - 1), 1, wrong[chance.below(wrong.size())]);
    expect_refused("OTEL_SPAN_LINK_COUNT_LIMIT", text);
  }
  for (const char* text : {"-1", "+1", "0x10", "1e3", "1.0", "ten", "٣"})
    expect_refused("OTEL_SPAN_LINK_COUNT_LIMIT", text);
}

Settings with_local_sampled(SamplerChoice choice) {
  Settings settings;
  settings.sampler.local_parent_sampled = choice;
  return settings;
}

TEST(EnvironmentRulesTest, TakeRatiosFromZeroToOneAndNoOther) {
  Chance chance;
  for (int trial = 0; trial < kTrials; ++trial) {
    const std::size_t millionths = chance.below(1'000'001);
    const double ratio = static_cast<double>(millionths) / 1'000'000;
    expect_accepted(
        "WAYBILL_SAMPLER_PARENTS",
        chance.blanks() + "local_parent_sampled=traceidratio=" + std::to_string(ratio) + chance.blanks(),
        with_local_sampled({SamplerKind::kTraceIdRatio, ratio}));
    expect_refused("OTEL_TRACES_SAMPLER_ARG", std::to_string(1.000001 + static_cast<double>(millionths)));
    expect_refused("OTEL_TRACES_SAMPLER_ARG", "-0." + std::to_string(1 + millionths));
  }
  for (const char* text : {"nan", "inf", "-inf", "1e999", "0,5", "50%", "0x1p-1"})
    expect_refused("OTEL_TRACES_SAMPLER_ARG", text);
}

TEST(EnvironmentRulesTest, TakeNamesInAnyCase) {
  Chance chance;
  Settings expected;
  expected.sampler.root.kind = SamplerKind::kTraceIdRatio;
  for (int trial = 0; trial < kTrials; ++trial)
    expect_accepted("OTEL_TRACES_SAMPLER", chance.in_any_case("parentbased_traceidratio"), expected);
}

TEST(EnvironmentRulesTest, TakeListsWithBlanksEmptyMembersAndDuplicates) {
  Chance chance;
  const std::vector<std::pair<std::string, ExporterKind>> names{{"otlp", ExporterKind::kOtlp},
                                                                {"console", ExporterKind::kConsole}};
  for (int trial = 0; trial < kTrials; ++trial) {
    std::set<ExporterKind> kinds;
    std::string list;
    for (std::size_t member = 0; member <= chance.below(5); ++member) {
      const auto& [name, kind] = names[chance.below(names.size())];
      kinds.insert(kind);
      list += chance.blanks() + (chance.coin() ? "," : "") + chance.in_any_case(name) + chance.blanks() + ",";
    }
    Settings expected;
    expected.traces_exporters = {kinds.begin(), kinds.end()};
    expect_accepted("OTEL_TRACES_EXPORTER", list, expected);
  }
}

std::string percent_encoded(const std::string& text, Chance& chance) {
  constexpr std::string_view kMustBe = "%,=; \t\r\n\"\\";
  constexpr std::string_view kDigits[] = {"0123456789ABCDEF", "0123456789abcdef"};
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && kMustBe.find(c) == std::string_view::npos && chance.coin()) {
      encoded += c;
    } else {
      const std::string_view digits = kDigits[chance.below(2)];
      encoded += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  return encoded;
}

TEST(EnvironmentRulesTest, DecodePairsToWhatWasEncoded) {
  Chance chance;
  for (int trial = 0; trial < kTrials; ++trial) {
    Settings expected;
    std::string list;
    for (std::size_t member = 0; member <= chance.below(4); ++member) {
      std::string value(chance.below(20), ' ');
      for (char& c : value) c = static_cast<char>(chance.number());
      const std::string key = "key" + std::to_string(chance.below(3));  // twice the same one is no mistake
      expected.resource_attributes.emplace_back(key, value);
      list += chance.blanks() + key + chance.blanks() + "=" + chance.blanks() +
              percent_encoded(value, chance) + chance.blanks() + ",";
    }
    expect_accepted("OTEL_RESOURCE_ATTRIBUTES", list, expected);
  }
}

TEST(EnvironmentRulesTest, RefuseAllPairsWhenOneCannotBeDecoded) {
  Chance chance;
  for (int trial = 0; trial < kTrials; ++trial) {
    const std::string wrong[] = {"a=%",   "a=%4",  "a=%g1", "a=%1g", "a=%%41",
                                 "a=%+1", "a=% 1", "a",     "=a",    "%41"};
    const std::string sound = "b=" + percent_encoded(chance.of("abc,= ", 10), chance);
    const std::string& one = wrong[chance.below(std::size(wrong))];
    expect_refused("OTEL_RESOURCE_ATTRIBUTES", chance.coin() ? sound + "," + one : one + "," + sound);
  }
}

TEST(EnvironmentRulesTest, TakeTheLastOfTwoVariablesWithOneName) {
  Chance chance;
  for (int trial = 0; trial < kTrials; ++trial) {
    const std::size_t first = chance.below(1000);
    const std::size_t last = chance.below(1000);
    const std::string block = "OTEL_SPAN_LINK_COUNT_LIMIT=" + std::to_string(first) + '\0' +
                              "OTEL_SPAN_LINK_COUNT_LIMIT=" + std::to_string(last) + '\0';
    EXPECT_EQ(resolve(Environment::from_block(block)).settings.link_count_limit, last);
  }
}

}  // namespace
}  // namespace waybill::configure
