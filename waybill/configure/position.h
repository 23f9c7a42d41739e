#pragma once

#include <string>

namespace waybill::configure {

// A place in a text, counted from 1 as editors do. Line 0: no place in particular.
struct Position {
  int line = 0;
  int column = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

// "/etc/otel.yaml:12:5", or the name alone where there is no place.
inline std::string place_in(const std::string& file, Position position) {
  if (position.line == 0) return file;
  return file + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

}  // namespace waybill::configure
