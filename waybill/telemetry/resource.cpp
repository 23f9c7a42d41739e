#include "waybill/telemetry/resource.h"

#include <algorithm>

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

}  // namespace

Resource make_resource(const std::string& service_name,
                       const std::vector<std::pair<std::string, std::string>>& user_attributes,
                       const HostProcess& process) {
  Resource resource;
  set(resource, "service.name", process.program);
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
