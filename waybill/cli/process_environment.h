#pragma once

#include "waybill/configure/environment.h"
#include "waybill/support/expected.h"

namespace waybill::cli {

// The variables with which a process was started. The error says why they cannot be read.
Expected<configure::Environment> environment_of_process(int pid);

}  // namespace waybill::cli
