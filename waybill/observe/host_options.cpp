#include "waybill/observe/host_options.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <strings.h>
#include <unistd.h>

#include "waybill/base/say.h"

namespace waybill::observe {
namespace {

bool starts_with(const char* text, const char* prefix) {
  return std::strncmp(text, prefix, std::strlen(prefix)) == 0;
}

// The value of `name` in the environment; empty counts as unset.
const char* value_of(const char* const* variables, const char* name) {
  const std::size_t size = std::strlen(name);
  for (; variables != nullptr && *variables != nullptr; ++variables) {
    if (std::strncmp(*variables, name, size) == 0 && (*variables)[size] == '=' &&
        (*variables)[size + 1] != '\0') {
      return *variables + size + 1;
    }
  }
  return nullptr;
}

bool is_false(const char* value) {
  return value != nullptr && std::strlen(value) == 5 && (value[0] | 32) == 'f' && (value[1] | 32) == 'a' &&
         (value[2] | 32) == 'l' && (value[3] | 32) == 's' && (value[4] | 32) == 'e';
}

// All that is said in a host is a warning.
bool wants_no_warning(const char* level) {
  if (level == nullptr) return false;
  for (const char* quiet : {"error", "fatal", "none", "off"}) {
    if (strcasecmp(level, quiet) == 0) return true;
  }
  return false;
}

// "16MiB", "16M", "65536". 0: not understood.
std::uint64_t parse_size(const char* text) {
  char* end = nullptr;
  const std::uint64_t number = std::strtoull(text, &end, 10);
  if (end == text || number > (1ULL << 40U)) return 0;
  std::uint64_t unit = 1;
  if (*end == 'k' || *end == 'K') unit = 1024;
  if (*end == 'm' || *end == 'M') unit = 1024 * 1024;
  if (*end == 'g' || *end == 'G') unit = 1024 * 1024 * 1024;
  if (unit != 1) ++end;
  if (std::strcmp(end, "") != 0 && std::strcmp(end, "B") != 0 && std::strcmp(end, "iB") != 0) return 0;
  return number * unit;
}

void set_segment_size(const char* text, HostOptions& options) {
  const std::uint64_t bytes = parse_size(text);
  if (bytes != 0) options.segment_size = bytes;
}

void find_runtime_directory(const char* const* variables, char (&target)[256]) {
  if (const char* set = value_of(variables, "WAYBILL_RUNTIME_DIR")) {
    std::snprintf(target, sizeof target, "%s", set);
  } else if (geteuid() == 0) {
    std::snprintf(target, sizeof target, "/run/waybill");
  } else if (const char* session = value_of(variables, "XDG_RUNTIME_DIR")) {
    std::snprintf(target, sizeof target, "%s/waybill", session);
  } else {
    std::snprintf(target, sizeof target, "/dev/shm/waybill-%u", geteuid());
  }
}

void find_program(char (&target)[64]) {
  char path[512];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
  if (size <= 0) {
    std::snprintf(target, sizeof target, "%.63s", program_invocation_short_name);  // no /proc
    return;
  }
  path[size] = '\0';
  const char* slash = std::strrchr(path, '/');
  std::snprintf(target, sizeof target, "%.63s", slash == nullptr ? path : slash + 1);
}

}  // namespace

void HostOptions::add_variable(std::string_view name_and_value) {
  if (environment_size + name_and_value.size() + 1 > sizeof environment) {
    const std::size_t name_size = std::min(name_and_value.find('='), name_and_value.size());
    if (left_out[0] == '\0')
      std::snprintf(left_out, sizeof left_out, "%.*s", static_cast<int>(name_size), name_and_value.data());
    return;
  }
  std::memcpy(environment + environment_size, name_and_value.data(), name_and_value.size());
  environment_size += name_and_value.size();
  environment[environment_size++] = '\0';
}

void HostOptions::add_variable(std::string_view name, std::string_view value) {
  char line[1024];
  const int size = std::snprintf(line, sizeof line, "%.*s=%.*s", static_cast<int>(name.size()), name.data(),
                                 static_cast<int>(value.size()), value.data());
  if (size > 0 && static_cast<std::size_t>(size) < sizeof line)
    add_variable({line, static_cast<std::size_t>(size)});
}

void read_host_options(const char* const* variables, HostOptions& options) {
  if (wants_no_warning(value_of(variables, "OTEL_LOG_LEVEL"))) base::say_nothing();
  options.enabled = !is_false(value_of(variables, "WAYBILL_ENABLED"));
  options.segment_size = segment::kDefaultSegmentSize;
  options.environment_size = 0;
  options.left_out[0] = '\0';
  find_runtime_directory(variables, options.runtime_directory);
  find_program(options.program);
  if (const char* size = value_of(variables, "WAYBILL_SEGMENT_SIZE")) set_segment_size(size, options);
  for (; variables != nullptr && *variables != nullptr; ++variables) {
    if (starts_with(*variables, "OTEL_") || starts_with(*variables, "WAYBILL_"))
      options.add_variable(*variables);
  }
}

void apply_plugin_property(std::string_view name_and_value, HostOptions& options) {
  options.add_variable(name_and_value);
  char line[sizeof options.runtime_directory + 32];
  const int size = std::snprintf(line, sizeof line, "%.*s", static_cast<int>(name_and_value.size()),
                                 name_and_value.data());
  if (size <= 0 || static_cast<std::size_t>(size) >= sizeof line) return;
  const char* const list[] = {line, nullptr};
  if (const char* set = value_of(list, "WAYBILL_ENABLED")) options.enabled = !is_false(set);
  if (const char* set = value_of(list, "WAYBILL_SEGMENT_SIZE")) set_segment_size(set, options);
  if (const char* set = value_of(list, "WAYBILL_RUNTIME_DIR"))
    std::snprintf(options.runtime_directory, sizeof options.runtime_directory, "%s", set);
}

}  // namespace waybill::observe
