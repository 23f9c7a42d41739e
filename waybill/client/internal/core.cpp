#include "waybill/client/internal/core.h"

#include <dlfcn.h>
#include <sys/auxv.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace waybill::internal {
namespace {

constexpr const char* kName = "libwaybill-plugin.so";

// What this code is a part of: libwaybill.so, or a program into which libwaybill.a was linked.
struct Self {
  std::filesystem::path folder;
  bool is_program = false;
};

// The dynamic linker knows a program by the name it was called by, which may be found from elsewhere only.
Self find_self() {
  Dl_info found{};
  if (dladdr(reinterpret_cast<void*>(&core), &found) == 0 || found.dli_fname == nullptr) return {};
  constexpr std::uintptr_t kPage = 4096;
  const std::uintptr_t headers_of_program = getauxval(AT_PHDR);
  const bool is_program = headers_of_program - reinterpret_cast<std::uintptr_t>(found.dli_fbase) < kPage;
  std::error_code ignored;
  const auto file = std::filesystem::canonical(is_program ? "/proc/self/exe" : found.dli_fname, ignored);
  return {file.parent_path(), is_program};
}

// In the build folder all stand side by side, and where they are installed the core is one folder below the
// library. A program stands in bin, or its RUNPATH says where to look.
std::vector<std::filesystem::path> places(const Self& self) {
  std::vector<std::filesystem::path> places;
  for (const char* folder : {"waybill", "", "../lib/waybill"}) {
    if (self.folder.empty()) break;  // unknown: never from where the program happens to run
    const std::filesystem::path file = self.folder / folder / kName;
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) places.push_back(file);
  }
  if (self.is_program) places.emplace_back(kName);
  return places;
}

Expected<const agent::EntryPoints*> load() {
  const Self self = find_self();
  std::string why;
  for (const std::filesystem::path& file : places(self)) {
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    auto* get = library == nullptr
                    ? nullptr
                    : reinterpret_cast<agent::GetEntryPoints>(dlsym(library, agent::kEntryPointsName));
    const agent::EntryPoints* found = get == nullptr ? nullptr : get();
    if (found != nullptr && found->version == agent::EntryPoints::kVersion) return found;
    const char* error = library == nullptr ? dlerror() : nullptr;
    why = error != nullptr ? error : file.string() + " comes from another build than libwaybill";
  }
  if (why.empty()) why = std::string{kName} + " is not beside libwaybill.so in " + self.folder.string();
  return Error{Error::Code::kNotFound, why};
}

}  // namespace

const Expected<const agent::EntryPoints*>& core() {
  // Never destroyed: threads may send until the process is gone.
  static const auto* loaded = new Expected<const agent::EntryPoints*>{load()};
  return *loaded;
}

const agent::EntryPoints* core_or_null() {
  const Expected<const agent::EntryPoints*>& loaded = core();
  return loaded ? *loaded : nullptr;
}

Expected<void> observe(rd_kafka_conf_t* conf) {
  const Expected<const agent::EntryPoints*>& loaded = core();
  if (!loaded) return loaded.error();
  const char* why = (*loaded)->observe_conf(reinterpret_cast<const void*>(&rd_kafka_conf_new), conf);
  if (why != nullptr) return Error{Error::Code::kNotObserved, why};
  return {};
}

}  // namespace waybill::internal
