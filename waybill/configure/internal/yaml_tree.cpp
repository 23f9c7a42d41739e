#include "waybill/configure/internal/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <sstream>
#include <utility>

#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/internal/substitution.h"

namespace waybill::configure::internal {
namespace {

constexpr std::size_t kMostNodes = 10'000;
constexpr std::size_t kMostDepth = 32;
constexpr std::size_t kMostProblems = 100;

Position position_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// The words of YAML's core schema for null.
bool is_null_word(std::string_view text) {
  constexpr std::array<std::string_view, 5> kWords{"", "~", "null", "Null", "NULL"};
  return std::find(kWords.begin(), kWords.end(), text) != kWords.end();
}

// Makes the tree of what yaml-cpp reads. After a refusal it takes nothing more.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const Environment& variables) : variables_{variables} {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (tree_.root != nullptr) refuse(position_of(mark), "a second document begins here; one is expected");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto node = std::make_shared<YamlNode>();
    node->position = position_of(mark);
    finish(std::move(node), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::kSequence, position_of(mark), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::kMapping, position_of(mark), anchor);
  }
  void OnMapEnd() override { close(); }

  void refuse(Position position, std::string why);
  YamlTree take() { return refused_ ? YamlTree{nullptr, std::move(tree_.problems)} : std::move(tree_); }

 private:
  // A collection whose end has not come yet.
  struct Open {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor;
    bool has_key = false;  // of a mapping: a key that waits for its value
    YamlNode::Entry entry = {};
  };

  bool awaits_key() const {
    return !open_.empty() && open_.back().node->kind == YamlNode::Kind::kMapping && !open_.back().has_key;
  }
  void open(YamlNode::Kind kind, Position position, YAML::anchor_t anchor);
  void close();
  void finish(std::shared_ptr<YamlNode> node, YAML::anchor_t anchor);
  void put(std::shared_ptr<const YamlNode> node);
  void put_key(const YamlNode& node);
  void put_entry(YamlNode& mapping, YamlNode::Entry entry);
  void merge(YamlNode& mapping);
  void complain(Position position, std::string setting, std::string message);

  const Environment& variables_;
  YamlTree tree_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, std::shared_ptr<const YamlNode>> anchors_;
  bool refused_ = false;
};

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  if (refused_) return;
  auto node = std::make_shared<YamlNode>();
  node->kind = YamlNode::Kind::kScalar;
  node->position = position_of(mark);
  // "!" is what yaml-cpp calls a scalar in quotation marks.
  node->plain = tag != "!" && tag != "tag:yaml.org,2002:str";
  node->text = value;
  if (!awaits_key()) {
    Substituted substituted = substitute(value, variables_);
    if (substituted.invalid) {
      return refuse(node->position,
                    quoted(*substituted.invalid) + " is no reference ${NAME} or ${NAME:-default}");
    }
    for (const std::string& name : substituted.missing) {
      // The standard variables are often referred to whether they are set or not.
      if (name.starts_with("OTEL_") || name.starts_with("WAYBILL_")) continue;
      complain(node->position, "${" + name + "}",
               "the variable is not set; nothing stands in its place (of a traced program's own variables, "
               "only OTEL_* and WAYBILL_* are seen)");
    }
    node->text = std::move(substituted.text);
    if (node->plain && is_null_word(node->text)) node->kind = YamlNode::Kind::kNull;
  }
  finish(std::move(node), anchor);
}

// An anchor is known when its node is complete: one that holds an alias of itself is not.
void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (refused_) return;
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) return refuse(position_of(mark), "the alias is a part of what it stands for");
  put(found->second);
}

void TreeBuilder::open(YamlNode::Kind kind, Position position, YAML::anchor_t anchor) {
  if (refused_) return;
  if (awaits_key()) return refuse(position, "a key must be a text");
  auto node = std::make_shared<YamlNode>();
  node->kind = kind;
  node->position = position;
  open_.push_back({std::move(node), anchor});
  if (open_.size() > kMostDepth)
    refuse(position, "it is nested deeper than " + std::to_string(kMostDepth) + " levels");
}

void TreeBuilder::close() {
  if (refused_) return;
  Open last = std::move(open_.back());
  open_.pop_back();
  if (last.node->kind == YamlNode::Kind::kMapping) merge(*last.node);
  finish(std::move(last.node), last.anchor);
}

void TreeBuilder::finish(std::shared_ptr<YamlNode> node, YAML::anchor_t anchor) {
  if (refused_) return;
  if (anchor != 0) anchors_[anchor] = node;
  put(std::move(node));
}

void TreeBuilder::put(std::shared_ptr<const YamlNode> node) {
  if (awaits_key()) return put_key(*node);
  if (open_.empty()) {
    tree_.root = std::move(node);
    return;
  }
  YamlNode& parent = *open_.back().node;
  parent.size += node->size;
  parent.height = std::max(parent.height, node->height + 1);
  if (parent.size > kMostNodes || open_.size() + node->height > kMostDepth)
    return refuse(node->position, "it has more values, or is nested deeper, than any settings need");
  if (parent.kind == YamlNode::Kind::kSequence) {
    parent.items.push_back(std::move(node));
  } else {
    open_.back().has_key = false;
    open_.back().entry.value = std::move(node);
    put_entry(parent, std::move(open_.back().entry));
  }
}

void TreeBuilder::put_key(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kSequence || node.kind == YamlNode::Kind::kMapping)
    return refuse(node.position, "a key must be a text");
  open_.back().has_key = true;
  open_.back().entry = {node.text, node.position, nullptr};
}

void TreeBuilder::put_entry(YamlNode& mapping, YamlNode::Entry entry) {
  const auto same = std::find_if(mapping.entries.begin(), mapping.entries.end(),
                                 [&](const YamlNode::Entry& other) { return other.key == entry.key; });
  if (same == mapping.entries.end()) {
    mapping.entries.push_back(std::move(entry));
  } else {
    complain(entry.position, entry.key,
             "the key stands in line " + std::to_string(same->position.line) + " too, and that one counts");
  }
}

// "<<: *anchor" takes over what the mapping does not have itself: no part of YAML 1.2, but widely used.
void TreeBuilder::merge(YamlNode& mapping) {
  const auto merge_key = std::find_if(mapping.entries.begin(), mapping.entries.end(),
                                      [](const YamlNode::Entry& entry) { return entry.key == "<<"; });
  if (merge_key == mapping.entries.end() || merge_key->value->kind != YamlNode::Kind::kMapping) return;
  const std::shared_ptr<const YamlNode> other = merge_key->value;
  mapping.entries.erase(merge_key);
  for (const YamlNode::Entry& entry : other->entries) {
    if (std::none_of(mapping.entries.begin(), mapping.entries.end(),
                     [&](const YamlNode::Entry& own) { return own.key == entry.key; }))
      mapping.entries.push_back(entry);
  }
}

void TreeBuilder::complain(Position position, std::string setting, std::string message) {
  if (tree_.problems.size() < kMostProblems)
    tree_.problems.push_back({std::move(setting), std::move(message), {}, position});
}

void TreeBuilder::refuse(Position position, std::string why) {
  if (refused_) return;
  refused_ = true;
  open_.clear();
  tree_.root = nullptr;
  tree_.problems.push_back({{}, std::move(why) + "; the file is not used", {}, position});
}

// The length of the UTF-8 character at the begin of `text`; 0: that is none, or one that YAML does not allow.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xc0U) != 0x80U) return 0;
  }
  // Longer than needed, a half of a surrogate pair, or beyond the last character.
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) ||
      (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f))
    return 0;
  return length;
}

bool check_characters(std::string_view text, TreeBuilder& builder) {
  Position position{1, 1};
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) {
      builder.refuse(position, "a byte stands here that is no UTF-8 text");
      return false;
    }
    position =
        text.front() == '\n' ? Position{position.line + 1, 1} : Position{position.line, position.column + 1};
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

YamlTree read_yaml(std::string_view text, const Environment& variables) {
  TreeBuilder builder{variables};
  // yaml-cpp guesses at other encodings, and is not safe against texts that are none.
  if (!check_characters(text, builder)) return builder.take();
  try {
    std::istringstream stream{std::string{text}};
    YAML::Parser parser{stream};
    if (!parser.HandleNextDocument(builder)) builder.refuse({1, 1}, "it is empty");
    if (parser) parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& error) {
    builder.refuse(position_of(error.mark), "this is no YAML: " + error.msg);
  } catch (const std::exception& error) {
    builder.refuse({}, std::string{"this cannot be read: "} + error.what());
  }
  return builder.take();
}

}  // namespace waybill::configure::internal
