#pragma once

namespace waybill::agent {

// A handle of the loaded object that holds `address`, whichever way it was loaded (RTLD_LOCAL too). It is
// never closed, so the object stays: addresses taken from it stay valid. Null: not known.
void* library_of(const void* address);

}  // namespace waybill::agent
