#include <algorithm>
#include <utility>

#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/internal/translate_file.h"
#include "waybill/configure/parse.h"

namespace waybill::configure::internal {
namespace {

using Kind = YamlNode::Kind;
using Type = FileProperty::Type;

// Every value becomes a text, so another type is told.
void check_type(FileTranslation& translation, const FileValue& type) {
  const std::optional<std::string> name = translation.text(type);
  if (name && *name != "string")
    translation.complain(type, quoted(*name) + " is not supported; the value is recorded as a text");
}

// One {name, value}. A value that is null leaves the item out, as the specification has it for headers.
void read_item(FileTranslation& translation, const FileValue& item, bool typed, Pairs& pairs) {
  static constexpr FileProperty kPlain[] = {{.key = "name", .read = read_elsewhere},
                                            {.key = "value", .read = read_elsewhere}};
  static constexpr FileProperty kTyped[] = {{.key = "name", .read = read_elsewhere},
                                            {.key = "value", .read = read_elsewhere},
                                            {.key = "type", .read = check_type}};
  translation.read_properties(item, typed ? std::span<const FileProperty>{kTyped} : kPlain);
  if (item.node->kind != Kind::kMapping) return;
  const std::vector<FileValue> entries = translation.entries(item);
  const std::optional<FileValue> name = find(entries, "name");
  const std::optional<FileValue> value = find(entries, "value");
  const std::optional<std::string> key = name ? translation.text(*name) : std::nullopt;
  if (!value || !key || key->empty())
    return translation.complain(item, "a name and a value are expected; it is ignored");
  if (std::optional<std::string> text = translation.text(*value)) pairs.emplace_back(*key, *std::move(text));
}

void add_list(FileTranslation& translation, const FileValue& list, Pairs& pairs) {
  const std::optional<std::string> text = translation.text(list);
  if (!text) return;
  std::optional<Pairs> members = parse_pairs(*text);
  if (!members) {
    return translation.complain(
        list, "this is not a list key=value,key2=value2 with percent-encoded values; it is ignored");
  }
  const auto end_of_sequence = static_cast<std::ptrdiff_t>(pairs.size());
  for (auto& member : *members) {
    if (std::none_of(pairs.begin(), pairs.begin() + end_of_sequence,
                     [&](const auto& pair) { return pair.first == member.first; }))
      pairs.push_back(std::move(member));
  }
}

}  // namespace

void translate_pairs(FileTranslation& translation, std::string_view variable, const FilePairs& from) {
  Pairs pairs;
  if (from.sequence) {
    for (const FileValue& item : translation.items(*from.sequence))
      read_item(translation, item, from.typed, pairs);
  }
  if (from.list) add_list(translation, *from.list, pairs);
  std::string text;
  for (const auto& [key, value] : pairs)
    text += (text.empty() ? "" : ",") + percent_encode(key) + "=" + percent_encode(value);
  if (!text.empty()) translation.set(variable, text, from.sequence ? *from.sequence : *from.list);
}

void translate_resource(FileTranslation& translation, const FileValue& resource) {
  static constexpr FileProperty kProperties[] = {
      {.key = "attributes", .read = read_elsewhere},
      {.key = "attributes_list", .read = read_elsewhere},
      {.key = "schema_url"},
      {.key = "detection/development"},
  };
  translation.read_properties(resource, kProperties);
  if (resource.node->kind != Kind::kMapping) return;
  const std::vector<FileValue> entries = translation.entries(resource);
  translate_pairs(translation, "OTEL_RESOURCE_ATTRIBUTES",
                  {find(entries, "attributes"), find(entries, "attributes_list"), true});
}

}  // namespace waybill::configure::internal
