#pragma once

#include "waybill/agent/entry_points.h"
#include "waybill/support/expected.h"

namespace waybill::internal {

// The host side of this process: libwaybill-plugin.so, which `waybill run` may have loaded already. There is
// one in a process, whatever doors are used. Loaded at the first call, and never unloaded. An error: it is
// not beside libwaybill.so, or of another build.
const Expected<const agent::EntryPoints*>& core();

// The same; null: it cannot be loaded, and nothing is traced.
const agent::EntryPoints* core_or_null();

// The message of the error is why not.
Expected<void> observe(rd_kafka_conf_t* conf);

}  // namespace waybill::internal
