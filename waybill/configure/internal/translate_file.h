#pragma once

#include <optional>
#include <span>
#include <vector>

#include "waybill/configure/configuration_file.h"
#include "waybill/configure/internal/file_values.h"
#include "waybill/configure/internal/otlp_names.h"
#include "waybill/configure/internal/yaml_tree.h"

namespace waybill::configure::internal {

// Writes what the tree, a mapping, says into `file`, as variables. Everything that they cannot say becomes a
// problem.
void translate_file(const YamlNode& root, ConfigurationFile& file);

// Its parts.
void translate_resource(FileTranslation& translation, const FileValue& resource);
void translate_tracer_provider(FileTranslation& translation, const FileValue& provider);
void translate_meter_provider(FileTranslation& translation, const FileValue& provider);
void translate_logger_provider(FileTranslation& translation, const FileValue& provider);
void translate_sampler(FileTranslation& translation, const FileValue& sampler);

// What becomes one variable key=value,key2=value2: a sequence of {name, value}, and a list of the same form
// as the variable, whose members count where the sequence has none of that name. Values are never shown.
struct FilePairs {
  std::optional<FileValue> sequence;
  std::optional<FileValue> list;
  bool typed = false;  // an item of the sequence may have a `type`
};
void translate_pairs(FileTranslation& translation, std::string_view variable, const FilePairs& pairs);

// An exporter of OTLP. `more`: what only this signal's exporters have.
enum class OtlpWire { kHttp, kGrpc };
void translate_otlp(FileTranslation& translation, const FileValue& exporter, const OtlpNames& names,
                    OtlpWire wire, std::span<const FileProperty> more = {});

// For a property that its function reads together with others.
inline void read_elsewhere(FileTranslation&, const FileValue&) {}

// Nothing is expected in a mapping such as that of "always_on:".
inline void expect_nothing(FileTranslation& translation, const FileValue& value) {
  translation.read_properties(value, {});
}

}  // namespace waybill::configure::internal
