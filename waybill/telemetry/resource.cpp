#include "waybill/telemetry/resource.h"

#include <uuid/uuid.h>

#include <algorithm>
#include <array>

#include "waybill/support/version.h"

namespace waybill::telemetry {
namespace {

void set(Resource& resource, std::string_view key, AttributeValue value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) value = resource.memory.keep(*text);
  std::vector<Attribute>& attributes = resource.attributes;
  const auto known = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const Attribute& one) { return one.key == key; });
  if (known != attributes.end()) {
    known->value = value;
  } else {
    attributes.push_back({resource.memory.keep(key), value});
  }
}

// A UUID of version 5, in the name space that the semantic conventions have for this attribute ("Service",
// service.instance.id), of what is inherent to the process.
std::string instance_id(const HostProcess& process) {
  uuid_t names{};
  uuid_parse("4d63009a-8d0f-11ee-aad7-4c796ed8e320", names);
  const std::string inherent =
      process.host_name + "/" + std::to_string(process.pid) + "/" + std::to_string(process.start_unix_ns);
  uuid_t id{};
  uuid_generate_sha1(id, names, inherent.data(), inherent.size());
  std::array<char, UUID_STR_LEN> text{};
  uuid_unparse_lower(id, text.data());
  return text.data();
}

}  // namespace

Resource make_resource(const std::string& service_name,
                       const std::vector<std::pair<std::string, std::string>>& user_attributes,
                       const HostProcess& process) {
  Resource resource;
  set(resource, "service.name", process.program);
  if (process.start_unix_ns != 0) set(resource, "service.instance.id", instance_id(process));
  set(resource, "telemetry.sdk.name", "waybill");
  set(resource, "telemetry.sdk.language", "cpp");
  set(resource, "telemetry.sdk.version", kVersion);
  set(resource, "process.pid", process.pid);
  set(resource, "process.executable.name", process.program);
  if (!process.host_name.empty()) set(resource, "host.name", process.host_name);
  set(resource, "os.type", "linux");
  for (const auto& [key, value] : user_attributes) set(resource, key, value);
  if (!service_name.empty()) set(resource, "service.name", service_name);
  return resource;
}

}  // namespace waybill::telemetry
