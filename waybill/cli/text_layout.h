#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "waybill/cli/screen.h"

// Lays texts out in the columns of a terminal. Texts are UTF-8 without control characters, but for the marks
// of Screen, which take no column. Pure functions.
namespace waybill::cli {

std::size_t columns_of(std::string_view text);

// The beginning of `text` that fits, with an ellipsis where something is left out. `text` has no marks.
std::string shortened(std::string_view text, std::size_t columns);

// `text` filled up with blanks behind or in front of it.
std::string padded(const std::string& text, std::size_t columns);
std::string padded_left(const std::string& text, std::size_t columns);

// The words of `text` in lines that fit the screen. `first` stands in front of the first line, blanks in
// front of the others.
std::string wrapped(const std::string& first, std::string_view text, const Screen& screen);

// Lines of cells below titles. Where the screen is too narrow, columns that may be shortened are, the widest
// first. Owned by one thread.
class Table {
 public:
  struct Column {
    std::string title;
    bool is_number = false;         // stands at the right
    bool may_be_shortened = false;  // its cells have no marks
  };

  explicit Table(std::vector<Column> columns) : columns_{std::move(columns)} {}

  void add(std::vector<std::string> cells);
  // Below the last row, indented.
  void add_note(const std::string& text);
  std::string text(const Screen& screen) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    std::vector<std::string> notes;
  };

  std::vector<std::size_t> widths_for(const Screen& screen) const;
  std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace waybill::cli
