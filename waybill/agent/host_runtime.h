#pragma once

#include "waybill/observe/host_options.h"

namespace waybill::agent {

// Which language's runtime this process carries, by what is loaded in it. Cheap: no file is read.
observe::HostRuntime detect_host_runtime();

}  // namespace waybill::agent
