#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/configure/configuration_file.h"

namespace waybill::configure::testing {

// The variables that the specification's examples of references have, and an empty one.
inline Environment variables() {
  Environment environment;
  environment.set("STRING_VALUE", "value");
  environment.set("BOOL_VALUE", "true");
  environment.set("INT_VALUE", "1");
  environment.set("HEX_VALUE", "0xdeadbeef");
  environment.set("INVALID_MAP_VALUE", "value\nkey:value");
  environment.set("DO_NOT_REPLACE_ME", "Never use this value");
  environment.set("REPLACE_ME", "${DO_NOT_REPLACE_ME}");
  environment.set("VALUE_WITH_ESCAPE", "value$$");
  environment.set("EMPTY", "");
  return environment;
}

// A file of version 1.0 that says `text` from its second line on.
inline ConfigurationFile parse(const std::string& text) {
  return parse_configuration_file("file_format: \"1.0\"\n" + text, variables());
}

// What `waybill config check f` prints.
inline std::vector<std::string> messages(const ConfigurationFile& file) {
  std::vector<std::string> all;
  for (Problem problem : file.problems) {
    problem.file = "f";
    all.push_back(describe(problem));
  }
  return all;
}

// What the file says about a variable, when nothing is wrong with the file.
inline std::optional<std::string> said(const std::string& text, std::string_view variable) {
  const ConfigurationFile file = parse(text);
  EXPECT_THAT(messages(file), ::testing::IsEmpty()) << text;
  const auto value = file.settings.get(variable);
  return value ? std::optional<std::string>{*value} : std::nullopt;
}

}  // namespace waybill::configure::testing
