#include "waybill/cli/process_environment.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

namespace waybill::cli {

Expected<configure::Environment> environment_of_process(int pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/environ";
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  const std::string block{std::istreambuf_iterator<char>{file}, {}};
  // Whose process it is is looked at when it is read, not when it is opened.
  if (!file || errno != 0)
    return Error{Error::Code::kIo, "cannot read " + path + ": " + std::strerror(errno)};
  return configure::Environment::from_block(block);
}

}  // namespace waybill::cli
