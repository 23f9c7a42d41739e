#include "waybill/telemetry/resource.h"

#include <algorithm>

#include "waybill/support/version.h"

namespace waybill::telemetry {
namespace {

void set(std::vector<ResourceAttribute>& attributes, const std::string& key, AttributeValue value) {
  const auto known = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const ResourceAttribute& one) { return one.key == key; });
  if (known != attributes.end()) {
    known->value = std::move(value);
  } else {
    attributes.push_back({key, std::move(value)});
  }
}

}  // namespace

Resource make_resource(const std::string& service_name,
                       const std::vector<std::pair<std::string, std::string>>& user_attributes,
                       const HostProcess& process) {
  Resource resource;
  std::vector<ResourceAttribute>& attributes = resource.attributes;
  set(attributes, "service.name", process.program);
  set(attributes, "telemetry.sdk.name", std::string{"waybill"});
  set(attributes, "telemetry.sdk.language", std::string{"cpp"});
  set(attributes, "telemetry.sdk.version", std::string{kVersion});
  set(attributes, "process.pid", process.pid);
  set(attributes, "process.executable.name", process.program);
  if (!process.host_name.empty()) set(attributes, "host.name", process.host_name);
  set(attributes, "os.type", std::string{"linux"});
  for (const auto& [key, value] : user_attributes) set(attributes, key, value);
  if (!service_name.empty()) set(attributes, "service.name", service_name);
  return resource;
}

}  // namespace waybill::telemetry
