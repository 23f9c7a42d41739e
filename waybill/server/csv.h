#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace waybill::server {

// A list as CSV (RFC 4180): a line of names, and one for each item. An object in an item becomes several
// columns, "message.topic"; lists in it are left out. A text that a spreadsheet would take for a formula gets
// an apostrophe in front.
std::string csv_of(const nlohmann::ordered_json& list);

}  // namespace waybill::server
