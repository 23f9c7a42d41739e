#include "waybill/agent/host_runtime.h"

#include <cstring>

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

namespace waybill::agent {
namespace {

using observe::HostRuntime;

bool exports(const char* name) { return dlsym(RTLD_DEFAULT, name) != nullptr; }

bool is_loaded(const dl_phdr_info& object, const ElfW(Phdr) & part) {
  for (int at = 0; at < object.dlpi_phnum; ++at) {
    const ElfW(Phdr)& load = object.dlpi_phdr[at];
    if (load.p_type == PT_LOAD && (load.p_flags & PF_R) != 0 && part.p_vaddr >= load.p_vaddr &&
        part.p_vaddr + part.p_memsz <= load.p_vaddr + load.p_memsz) {
      return true;
    }
  }
  return false;
}

std::size_t round_up_to_4(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

// The Go linker leaves a note named "Go" in every program, stripped or not; with cgo it stands behind others.
bool has_go_note(const dl_phdr_info& object) {
  for (int at = 0; at < object.dlpi_phnum; ++at) {
    const ElfW(Phdr)& part = object.dlpi_phdr[at];
    if (part.p_type != PT_NOTE || !is_loaded(object, part)) continue;
    const auto* bytes = reinterpret_cast<const char*>(object.dlpi_addr + part.p_vaddr);
    ElfW(Nhdr) note;
    for (std::size_t place = 0; place + sizeof note <= part.p_memsz;) {
      std::memcpy(&note, bytes + place, sizeof note);
      const std::size_t size = sizeof note + round_up_to_4(note.n_namesz) + round_up_to_4(note.n_descsz);
      if (place + size > part.p_memsz) break;
      if (note.n_namesz == 4 && std::memcmp(bytes + place + sizeof note, "Go\0\0", 4) == 0) return true;
      place += size;
    }
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
