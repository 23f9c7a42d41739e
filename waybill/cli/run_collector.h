#pragma once

#include <csignal>

#include "waybill/cli/run_command.h"
#include "waybill/collect/file_descriptor.h"

namespace waybill::cli {

// The collecting process of `waybill run`: starts the program with the signal mask `original`, collects until
// the last of its descendants has ended, and delivers. Reports to the foreground process through `report`.
// Returns its exit code.
int run_collector(const RunOptions& options, collect::FileDescriptor report, const sigset_t& original);

}  // namespace waybill::cli
