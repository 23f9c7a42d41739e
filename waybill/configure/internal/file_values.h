#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/configure/configuration_file.h"
#include "waybill/configure/internal/yaml_tree.h"

namespace waybill::configure::internal {

// A value of the file, and how messages call it: "tracer_provider.limits".
struct FileValue {
  const YamlNode* node = nullptr;  // never null
  std::string_view key = {};       // in its mapping; belongs to the tree
  std::string path;
  Position position;  // the value's, or its key's where the value is null
};

class FileTranslation;

// A property that a mapping may have. One that has neither a variable nor a function is known to
// OpenTelemetry and of no use here, which is said when it is set.
struct FileProperty {
  enum class Type : std::uint8_t { kText, kBoolean, kInteger, kNumber };
  std::string_view key;
  std::string_view variable = {};  // the setting that it says
  Type type = Type::kText;
  void (*read)(FileTranslation&, const FileValue&) = nullptr;
};

// Collects what a file says, as the variables that say the same, and what is wrong with it. Used while one
// file is translated.
class FileTranslation {
 public:
  explicit FileTranslation(ConfigurationFile& file) : file_{file} {}

  void complain(const FileValue& value, std::string message);

  // One setting has one value: when another was said before, that one stays, and this is told.
  void set(std::string_view variable, const std::string& text, const FileValue& value);

  // Calls `read` with a translation of its own, and takes over what became of it: into the variables, where
  // these have room for another exporter, else as one of ConfigurationFile::more_exporters.
  void read_exporter(const std::function<void(FileTranslation&)>& read);

  // Reads each property that the mapping has; one that is not among `properties` is told.
  void read_properties(const FileValue& mapping, std::span<const FileProperty> properties);
  void read_property(const FileValue& value, const FileProperty& property);

  // What stands in a mapping or a sequence. Empty, and told, when it is something else; null is just empty.
  std::vector<FileValue> entries(const FileValue& mapping);
  std::vector<FileValue> items(const FileValue& sequence);

  // The value of the mapping's one key, as "name:" and "name: {…}" choose an exporter, a sampler and the
  // like. None, and told: it has no key, or several.
  std::optional<FileValue> only_entry(const FileValue& mapping);

  // As the variable would have it. None: the value is null, or told to be of another type.
  std::optional<std::string> scalar(const FileValue& value, FileProperty::Type type);
  std::optional<std::string> text(const FileValue& value) { return scalar(value, FileProperty::Type::kText); }

 private:
  ConfigurationFile& file_;
};

// The value of a key; none when it is not there.
std::optional<FileValue> find(const std::vector<FileValue>& entries, std::string_view key);

// `text` as it may stand in a list key=value,key2=value2.
std::string percent_encode(std::string_view text);

}  // namespace waybill::configure::internal
