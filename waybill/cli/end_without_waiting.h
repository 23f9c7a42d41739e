#pragma once

#include "waybill/collect/collector.h"

// What the collecting process's own Kafka clients, which ask how far groups are behind, need of it.
namespace waybill::cli {

// They are no host's, though the preload shim may stand in this process's environment as well. To be called
// when the settings were read and the program was started, and before any thread reads the environment.
void leave_own_clients_untraced();

// Ends the process when everything is done but to wait for a broker that does not answer; else returns.
void end_without_waiting(const collect::Collector& collector, int exit_code);

}  // namespace waybill::cli
