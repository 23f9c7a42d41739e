#pragma once

#include "waybill/agent/entry_points.h"
#include "waybill/support/expected.h"

namespace waybill::internal {

// The host side of this process: libwaybill-plugin.so, which `waybill run` may have loaded already. Never
// unloaded. An error: it is not beside libwaybill.so, or of another build.
Expected<const agent::EntryPoints*> load_core();

// Another host side beside it: a copy of the library that `first` belongs to, with globals and thread-local
// storage of its own. Never unloaded, and keeps a file descriptor. An error: there is no room for it.
Expected<const agent::EntryPoints*> load_copy_of(const agent::EntryPoints& first);

}  // namespace waybill::internal
