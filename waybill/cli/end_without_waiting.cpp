#include "waybill/cli/end_without_waiting.h"

#include <unistd.h>

namespace waybill::cli {

void end_without_waiting(const collect::Collector& collector, int exit_code) {
  if (collector.waits_for_broker()) _exit(exit_code);
}

}  // namespace waybill::cli
