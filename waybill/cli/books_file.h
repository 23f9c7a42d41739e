#pragma once

#include <string>

#include "waybill/collect/collector.h"

namespace waybill::cli {

// Writes the books as JSON. False: the file cannot be written.
bool write_books(const std::string& path, const collect::Books& books);

}  // namespace waybill::cli
