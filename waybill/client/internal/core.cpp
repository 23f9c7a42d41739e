#include "waybill/client/internal/core.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>

namespace waybill::internal {
namespace {

std::filesystem::path own_folder() {
  Dl_info self{};
  if (dladdr(reinterpret_cast<void*>(&core), &self) == 0 || self.dli_fname == nullptr) return {};
  std::error_code ignored;
  const std::filesystem::path file = std::filesystem::canonical(self.dli_fname, ignored);
  return file.parent_path();
}

Expected<const agent::EntryPoints*> load() {
  const std::filesystem::path folder = own_folder();
  std::string why;
  // In the build folder they stand side by side, where they are installed the core is one folder below.
  for (const char* place : {"waybill/libwaybill-plugin.so", "libwaybill-plugin.so"}) {
    const std::filesystem::path file = folder / place;
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) continue;
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    auto* get = library == nullptr
                    ? nullptr
                    : reinterpret_cast<agent::GetEntryPoints>(dlsym(library, agent::kEntryPointsName));
    const agent::EntryPoints* found = get == nullptr ? nullptr : get();
    if (found != nullptr && found->version == agent::EntryPoints::kVersion) return found;
    const char* error = library == nullptr ? dlerror() : nullptr;
    why = error != nullptr ? error : file.string() + " comes from another build than libwaybill.so";
  }
  if (why.empty()) why = "libwaybill-plugin.so is not beside libwaybill.so in " + folder.string();
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
