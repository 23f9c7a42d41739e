#include "waybill/agent/host_runtime.h"

#include <cstring>

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

namespace waybill::agent {
namespace {

using observe::HostRuntime;

bool exports(const char* name) { return dlsym(RTLD_DEFAULT, name) != nullptr; }

// The Go linker leaves a note named "Go" in every program, stripped or not.
bool has_go_note(const dl_phdr_info& object) {
  for (int at = 0; at < object.dlpi_phnum; ++at) {
    const ElfW(Phdr)& header = object.dlpi_phdr[at];
    if (header.p_type != PT_NOTE || header.p_memsz < sizeof(ElfW(Nhdr)) + 4) continue;
    const auto* bytes = reinterpret_cast<const char*>(object.dlpi_addr + header.p_vaddr);
    ElfW(Nhdr) note;
    std::memcpy(&note, bytes, sizeof note);
    if (note.n_namesz == 4 && std::memcmp(bytes + sizeof note, "Go\0\0", 4) == 0) return true;
  }
  return false;
}

int find_moving_runtime(dl_phdr_info* object, std::size_t, void* found) {
  const bool dotnet = std::strstr(object->dlpi_name, "/libcoreclr.so") != nullptr;
  if (dotnet || has_go_note(*object)) *static_cast<bool*>(found) = true;
  return 0;
}

}  // namespace

observe::HostRuntime detect_host_runtime() {
  bool moving = exports("napi_create_function");  // Node.js
  dl_iterate_phdr(find_moving_runtime, &moving);
  if (moving) return HostRuntime::kMoving;
  const bool copying =
      exports("Py_IsInitialized") || exports("ruby_init") || exports("zend_startup") || exports("perl_run");
  return copying ? HostRuntime::kCopying : HostRuntime::kNative;
}

}  // namespace waybill::agent
