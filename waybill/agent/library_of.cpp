#include "waybill/agent/library_of.h"

#include <dlfcn.h>

namespace waybill::agent {

void* library_of(const void* address) {
  Dl_info facts{};
  if (dladdr(address, &facts) == 0 || facts.dli_fname == nullptr) return nullptr;
  void* library = dlopen(facts.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  // The program itself is not found under its file name.
  return library != nullptr ? library : dlopen(nullptr, RTLD_LAZY);
}

}  // namespace waybill::agent
