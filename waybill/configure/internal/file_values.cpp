#include "waybill/configure/internal/file_values.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "waybill/configure/internal/setting_reader.h"
#include "waybill/configure/parse.h"
#include "waybill/configure/setting_table.h"

namespace waybill::configure::internal {
namespace {

using Kind = YamlNode::Kind;
using Type = FileProperty::Type;

std::optional<bool> boolean_of(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

// In decimal digits, from any form that YAML's core schema has.
std::optional<std::string> integer_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const int base = text.starts_with("0x") ? 16 : text.starts_with("0o") ? 8 : 10;
  if (base != 10) text.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return std::nullopt;
  // One that is too large is for the setting's own check: it is a whole number all the same.
  const std::string digits = error == std::errc{} ? std::to_string(number) : std::string{text};
  return (negative ? "-" : "") + digits;
}

std::optional<std::string> number_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool begins_like_one =
      !text.empty() && std::string_view{"-.0123456789"}.find(text[0]) != std::string_view::npos;
  if (error == std::errc{} && end == text.data() + text.size() && begins_like_one) return std::string{text};
  return integer_of(text);
}

std::string_view name_of(Type type) {
  switch (type) {
    case Type::kText:
      return "a text";
    case Type::kBoolean:
      return "true or false";
    case Type::kInteger:
      return "a whole number";
    case Type::kNumber:
      return "a number";
  }
  return {};
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kScalar:
      return "a single value";
    case Kind::kSequence:
      return "a list";
    case Kind::kMapping:
      return "a mapping";
  }
  return {};
}

FileValue value_of(const FileValue& mapping, const YamlNode::Entry& entry) {
  // Where nothing stands is hard to show.
  const Position position = entry.value->kind == Kind::kNull ? entry.position : entry.value->position;
  return {entry.value.get(), entry.key, mapping.path + (mapping.path.empty() ? "" : ".") + entry.key,
          position};
}

constexpr std::string_view kExporters = "OTEL_TRACES_EXPORTER";

std::vector<std::pair<std::string, std::string>> timing_of(const Environment& variables) {
  std::vector<std::pair<std::string, std::string>> timing;
  for (const auto& variable : variables.variables()) {
    if (variable.first.starts_with("OTEL_BSP_")) timing.emplace_back(variable);
  }
  return timing;
}

// Variables hold one exporter of a kind, one way to wait for all, and one value each.
bool has_room_for(const ConfigurationFile& file, const ConfigurationFile& exporter) {
  const auto& known = file.settings.variables();
  for (const auto& [name, value] : exporter.settings.variables()) {
    const auto other = known.find(name);
    if (name != kExporters && other != known.end() && other->second != value) return false;
  }
  const std::optional<std::string_view> names = file.settings.get(kExporters);
  if (!names) return true;
  const std::vector<std::string_view> kinds = parse_list(*names);
  return std::find(kinds.begin(), kinds.end(), *exporter.settings.get(kExporters)) == kinds.end() &&
         timing_of(file.settings) == timing_of(exporter.settings);
}

void merge(ConfigurationFile& file, const ConfigurationFile& exporter) {
  std::string names{file.settings.get(kExporters).value_or("")};
  if (!names.empty()) names += ",";
  for (const auto& [name, value] : exporter.settings.variables())
    file.settings.set(name, name == kExporters ? names.append(value) : value);
  file.said.insert(exporter.said.begin(), exporter.said.end());
}

}  // namespace

void FileTranslation::complain(const FileValue& value, std::string message) {
  file_.problems.push_back({value.path, std::move(message), {}, value.position});
}

void FileTranslation::set(std::string_view variable, const std::string& text, const FileValue& value) {
  const auto said = file_.said.find(variable);
  if (said == file_.said.end()) {
    file_.settings.set(variable, text);
    file_.said.emplace(variable, ConfigurationFile::Said{value.path, value.position});
  } else if (file_.settings.variables().find(variable)->second != text) {
    complain(value, "it differs from line " + std::to_string(said->second.position.line) +
                        ", and there is one value for all; this one is ignored");
  }
}

void FileTranslation::read_exporter(const std::function<void(FileTranslation&)>& read) {
  ConfigurationFile exporter;
  FileTranslation translation{exporter};
  read(translation);
  file_.problems.insert(file_.problems.end(), exporter.problems.begin(), exporter.problems.end());
  if (!exporter.settings.get(kExporters)) return;
  if (has_room_for(file_, exporter)) return merge(file_, exporter);
  file_.more_exporters.push_back({std::move(exporter.settings), std::move(exporter.said)});
}

void FileTranslation::read_properties(const FileValue& mapping, std::span<const FileProperty> properties) {
  for (const FileValue& value : entries(mapping)) {
    const auto property = std::find_if(properties.begin(), properties.end(),
                                       [&](const FileProperty& known) { return known.key == value.key; });
    if (property == properties.end()) {
      complain(value, "there is no such property; it is ignored");
    } else {
      read_property(value, *property);
    }
  }
}

void FileTranslation::read_property(const FileValue& value, const FileProperty& property) {
  if (property.read != nullptr) return property.read(*this, value);
  if (value.node->kind == Kind::kNull) return;
  if (find_setting(property.variable) == nullptr)
    return complain(value, "it is not supported; it is ignored");
  if (const std::optional<std::string> text = scalar(value, property.type))
    set(property.variable, *text, value);
}

std::vector<FileValue> FileTranslation::entries(const FileValue& mapping) {
  std::vector<FileValue> values;
  for (const YamlNode::Entry& entry : mapping.node->entries) values.push_back(value_of(mapping, entry));
  if (mapping.node->kind != Kind::kMapping && mapping.node->kind != Kind::kNull)
    complain(mapping, "a mapping is expected, but this is " + std::string{name_of(mapping.node->kind)} +
                          "; it is ignored");
  return values;
}

std::vector<FileValue> FileTranslation::items(const FileValue& sequence) {
  std::vector<FileValue> values;
  for (const auto& item : sequence.node->items) {
    const std::string index = "[" + std::to_string(values.size()) + "]";
    values.push_back({item.get(), {}, sequence.path + index, item->position});
  }
  if (sequence.node->kind != Kind::kSequence && sequence.node->kind != Kind::kNull)
    complain(sequence, "a list is expected, but this is " + std::string{name_of(sequence.node->kind)} +
                           "; it is ignored");
  return values;
}

std::optional<FileValue> FileTranslation::only_entry(const FileValue& mapping) {
  std::vector<FileValue> values = entries(mapping);
  if (values.size() == 1) return std::move(values.front());
  if (mapping.node->kind == Kind::kMapping || mapping.node->kind == Kind::kNull)
    complain(mapping,
             "one key is expected, but there are " + std::to_string(values.size()) + "; it is ignored");
  return std::nullopt;
}

std::optional<std::string> FileTranslation::scalar(const FileValue& value, Type type) {
  const YamlNode& node = *value.node;
  if (node.kind == Kind::kNull) return std::nullopt;
  std::optional<std::string> result;
  if (node.kind == Kind::kScalar && type == Type::kText) {
    // Numbers and switches without quotation marks are taken as they are written: what comes from a variable
    // may happen to look like one.
    result = node.text;
  } else if (node.kind == Kind::kScalar && node.plain) {
    if (type == Type::kInteger) result = integer_of(node.text);
    if (type == Type::kNumber) result = number_of(node.text);
    if (type == Type::kBoolean && boolean_of(node.text)) result = *boolean_of(node.text) ? "true" : "false";
  }
  if (result) return result;
  const std::string_view found =
      node.kind == Kind::kScalar ? (node.plain ? "something else" : "a text") : name_of(node.kind);
  complain(value, std::string{name_of(type)} + " is expected, but this is " + std::string{found} +
                      "; it is ignored");
  return std::nullopt;
}

std::optional<FileValue> find(const std::vector<FileValue>& entries, std::string_view key) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const FileValue& value) { return value.key == key; });
  return found == entries.end() ? std::nullopt : std::optional{*found};
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view{"-._~"}.find(c) != std::string_view::npos;
    if (plain) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return encoded;
}

}  // namespace waybill::configure::internal
