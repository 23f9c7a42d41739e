#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "waybill/telemetry/span.h"

namespace waybill::telemetry {

// What is known of the process that the telemetry is about.
struct HostProcess {
  std::string program;  // the executable's name
  std::int64_t pid = 0;
  std::string host_name;
  std::uint64_t start_unix_ns = 0;  // when it began to record; 0: not known
};

// The resource of a host: what its user said (`service_name` may be empty, `user_attributes` come from
// OTEL_RESOURCE_ATTRIBUTES) over what is known. Without a service name the program's name stands in, and
// without a service.instance.id one that only this process has, whoever collects for it.
Resource make_resource(const std::string& service_name,
                       const std::vector<std::pair<std::string, std::string>>& user_attributes,
                       const HostProcess& process);

}  // namespace waybill::telemetry
