#pragma once

#include <string>
#include <vector>

namespace waybill::cli {

// `waybill server`: becomes the program waybill-server, which stands beside this one or in ../lib/waybill,
// with these arguments. Returns the exit code if it cannot.
int server_command(const std::vector<std::string>& arguments);

}  // namespace waybill::cli
