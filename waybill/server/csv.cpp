#include "waybill/server/csv.h"

#include <algorithm>
#include <map>
#include <vector>

namespace waybill::server {
namespace {

using nlohmann::ordered_json;

std::string cell_of(const ordered_json& value) {
  if (value.is_null()) return {};
  if (!value.is_string()) return value.dump();
  std::string text = value.get<std::string>();
  if (!text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos)
    text.insert(0, 1, '\'');
  std::string quoted;
  for (const char letter : text) {
    if (letter == '"') quoted += '"';
    quoted += letter;
  }
  return '"' + quoted + '"';
}

using Cells = std::map<std::string, std::string>;

void add(const std::string& name, const ordered_json& value, std::vector<std::string>& names, Cells& cells) {
  if (value.is_object()) {
    const std::string prefix = name.empty() ? "" : name + '.';
    for (const auto& [inner, item] : value.items()) add(prefix + inner, item, names, cells);
    return;
  }
  if (value.is_array()) return;
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  cells[name] = cell_of(value);
}

}  // namespace

std::string csv_of(const ordered_json& list) {
  std::vector<std::string> names;
  std::vector<Cells> rows;
  for (const ordered_json& item : list) add(item.is_object() ? "" : "name", item, names, rows.emplace_back());
  std::string text;
  const auto end_line = [&text] {
    if (!text.empty() && text.back() == ',') text.pop_back();
    text += "\r\n";
  };
  for (const std::string& name : names) text += cell_of(name) + ',';
  end_line();
  for (const Cells& row : rows) {
    for (const std::string& name : names) {
      const auto found = row.find(name);
      text += (found == row.end() ? std::string{} : found->second) + ',';
    }
    end_line();
  }
  return text;
}

}  // namespace waybill::server
