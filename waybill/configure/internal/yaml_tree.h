#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/configure/environment.h"
#include "waybill/configure/position.h"
#include "waybill/configure/resolve.h"

namespace waybill::configure::internal {

// A value of a YAML text, with variables in the place of references. Constant once it is made; the same node
// stands in several places where the text has aliases.
struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMapping };
  struct Entry {
    std::string key;
    Position position;  // the key's
    std::shared_ptr<const YamlNode> value;
  };

  Kind kind = Kind::kNull;
  bool plain = false;  // a scalar without quotation marks, so its type follows from its text
  Position position;
  std::string text;                                    // of a scalar
  std::vector<std::shared_ptr<const YamlNode>> items;  // of a sequence
  std::vector<Entry> entries;                          // of a mapping; each key once
  std::size_t size = 1;                                // how many nodes it has, aliases followed
  std::size_t height = 1;
};

struct YamlTree {
  std::shared_ptr<const YamlNode> root;  // null: the text cannot be used, and the last problem says why
  std::vector<Problem> problems;
};

// Reads a text of one YAML document. Its size was bounded by the caller; how deep it is and how many nodes
// its aliases make of it is bounded here.
YamlTree read_yaml(std::string_view text, const Environment& variables);

}  // namespace waybill::configure::internal
