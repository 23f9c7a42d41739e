#include "waybill/cli/own_clients.h"

#include <unistd.h>

#include <cstdlib>

namespace waybill::cli {

// A host reads it when its first client is made.
void leave_own_clients_untraced() { setenv("WAYBILL_ENABLED", "false", 1); }

void end_without_waiting(const collect::Collector& collector, int exit_code) {
  if (collector.waits_for_broker()) _exit(exit_code);
}

}  // namespace waybill::cli
