#include "waybill/cli/server_command.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "waybill/cli/exit_code.h"

namespace waybill::cli {
namespace {

std::filesystem::path find_program() {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const char* place : {"waybill-server", "../lib/waybill/waybill-server"})
    if (std::filesystem::exists(folder / place, error)) return folder / place;
  return {};
}

}  // namespace

int server_command(const std::vector<std::string>& arguments) {
  const std::filesystem::path program = find_program();
  if (program.empty()) {
    std::fprintf(
        stderr,
        "waybill server: waybill-server is not installed, neither beside waybill nor in ../lib/waybill\n");
    return kNotFound;
  }
  std::vector<std::string> all{"waybill server"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<char*> values;
  values.reserve(all.size() + 1);
  for (std::string& argument : all) values.push_back(argument.data());
  values.push_back(nullptr);
  execv(program.c_str(), values.data());
  std::fprintf(stderr, "waybill server: cannot run %s: %s\n", program.c_str(), std::strerror(errno));
  return kCannotExecute;
}

}  // namespace waybill::cli
