#include "waybill/client/internal/load_core.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "waybill/collect/file_descriptor.h"

namespace waybill::internal {
namespace {

using collect::FileDescriptor;

constexpr const char* kName = "libwaybill-plugin.so";
constexpr const char* kMoreRoom = " (GLIBC_TUNABLES=glibc.rtld.optional_static_tls=4096 makes more room)";

// What this code is a part of: libwaybill.so, or a program into which libwaybill.a was linked.
struct Self {
  std::filesystem::path folder;
  bool is_program = false;
};

// The dynamic linker knows a program by the name it was called by, which may be found from elsewhere only.
Self find_self() {
  Dl_info found{};
  if (dladdr(reinterpret_cast<void*>(&load_core), &found) == 0 || found.dli_fname == nullptr) return {};
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

// Null: it is of another build, or none of ours.
const agent::EntryPoints* entry_points_of(void* library) {
  auto* get = reinterpret_cast<agent::GetEntryPoints>(dlsym(library, agent::kEntryPointsName));
  const agent::EntryPoints* found = get == nullptr ? nullptr : get();
  return found != nullptr && found->version == agent::EntryPoints::kVersion ? found : nullptr;
}

std::string of_another_build(const std::string& file) {
  return file + " comes from another build than libwaybill";
}

// An error: the kernel gives no such file, or it has no room.
bool copy(const std::string& from, const FileDescriptor& to) {
  const FileDescriptor file{open(from.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat facts {};
  if (!file || !to || fstat(file.get(), &facts) != 0) return false;
  for (off_t done = 0; done < facts.st_size;) {
    if (sendfile(to.get(), file.get(), &done, static_cast<std::size_t>(facts.st_size - done)) <= 0)
      return false;
  }
  return true;
}

}  // namespace

Expected<const agent::EntryPoints*> load_core() {
  const Self self = find_self();
  std::string why;
  for (const std::filesystem::path& file : places(self)) {
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    const char* error = library == nullptr ? dlerror() : nullptr;
    if (library != nullptr) {
      if (const agent::EntryPoints* found = entry_points_of(library)) return found;
    }
    why = error != nullptr ? error : of_another_build(file.string());
  }
  if (why.empty()) why = std::string{kName} + " is not beside libwaybill.so in " + self.folder.string();
  return Error{Error::Code::kNotFound, why};
}

// The dynamic linker takes a file with another inode for another library. One in memory needs no folder that
// may be written to and executed from. It stays open under its number, so that no later copy has the same
// name, which the linker would take for the same library; and debuggers find it there.
Expected<const agent::EntryPoints*> load_copy_of(const agent::EntryPoints& first) {
  Dl_info original{};
  if (dladdr(&first, &original) == 0 || original.dli_fname == nullptr)
    return Error{Error::Code::kNotFound, std::string{kName} + " cannot be found again"};
  FileDescriptor file{memfd_create(kName, MFD_CLOEXEC)};
  if (!copy(original.dli_fname, file))
    return Error{Error::Code::kIo,
                 std::string{"cannot copy "} + original.dli_fname + ": " + std::strerror(errno)};
  std::error_code ignored;
  const std::filesystem::path process = std::filesystem::canonical("/proc/self", ignored);
  const std::string name = process / "fd" / std::to_string(file.get());
  void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return Error{Error::Code::kTooMany, dlerror() + std::string{kMoreRoom}};
  const agent::EntryPoints* found = entry_points_of(library);
  if (found == nullptr) return Error{Error::Code::kNotFound, of_another_build(original.dli_fname)};
  (void)file.release();
  return found;
}

}  // namespace waybill::internal
