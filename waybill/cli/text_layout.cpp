#include "waybill/cli/text_layout.h"

#include <algorithm>
#include <cstdint>
#include <cwchar>
#include <numeric>

namespace waybill::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowestColumn = 8;
constexpr std::string_view kEllipsis = "…";

// A piece of a text: a mark, or one character.
struct Piece {
  std::string_view bytes;
  std::size_t columns = 0;
};

std::size_t bytes_of_character(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

std::size_t columns_of_character(std::string_view bytes) {
  if (bytes.size() == 1) return 1;
  auto code =
      static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[0]) & (0xffU >> (bytes.size() + 1)));
  for (const char byte : bytes.substr(1)) code = code << 6U | (static_cast<unsigned char>(byte) & 0x3fU);
  const int columns = wcwidth(static_cast<wchar_t>(code));
  return columns < 0 ? 1 : static_cast<std::size_t>(columns);
}

Piece next_piece(std::string_view text) {
  if (text[0] == '\x1b') return {text.substr(0, std::max<std::size_t>(text.find('m') + 1, 1)), 0};
  const std::string_view bytes = text.substr(0, bytes_of_character(static_cast<unsigned char>(text[0])));
  return {bytes, columns_of_character(bytes)};
}

std::size_t room(std::size_t width, std::size_t taken) { return width > taken ? width - taken : 0; }

// A word that no line has room for, and what of it the rest of this one takes.
std::string_view part_of_word(std::string_view word, std::size_t columns) {
  std::size_t bytes = 0;
  std::size_t taken = 0;
  while (bytes < word.size()) {
    const Piece piece = next_piece(word.substr(bytes));
    if (taken + piece.columns > columns && taken > 0) break;
    bytes += piece.bytes.size();
    taken += piece.columns;
  }
  return word.substr(0, bytes);
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Piece piece = next_piece(text);
    columns += piece.columns;
    text.remove_prefix(piece.bytes.size());
  }
  return columns;
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string{text};
  if (columns < 2) return std::string{kEllipsis};
  return std::string{part_of_word(text, columns - 1)} + std::string{kEllipsis};
}

std::string padded(const std::string& text, std::size_t columns) {
  return text + std::string(room(columns, columns_of(text)), ' ');
}

std::string padded_left(const std::string& text, std::size_t columns) {
  return std::string(room(columns, columns_of(text)), ' ') + text;
}

std::string wrapped(const std::string& first, std::string_view text, const Screen& screen) {
  const std::size_t indent = columns_of(first);
  const std::size_t width = std::max(room(screen.width(), indent), kNarrowestColumn);
  std::string lines = first;
  std::size_t taken = 0;
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(' '));
    const std::size_t columns = columns_of(word);
    if (taken > 0 && taken + 1 + columns > width) {
      lines += "\n" + std::string(indent, ' ');
      taken = 0;
    }
    if (columns > width) word = part_of_word(word, width);
    lines += (taken > 0 ? " " : "") + std::string{word};
    taken += columns_of(word) + (taken > 0 ? 1 : 0);
    text.remove_prefix(word.size());
    if (text.starts_with(' ')) text.remove_prefix(1);
  }
  while (lines.ends_with(' ')) lines.pop_back();
  return lines + "\n";
}

void Table::add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back({std::move(cells), {}});
}

void Table::add_note(const std::string& text) {
  if (!text.empty()) rows_.back().notes.push_back(text);
}

std::string Table::text(const Screen& screen) const {
  const std::vector<std::size_t> widths = widths_for(screen);
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  std::string text = screen.strong(line(titles, widths)) + "\n";
  for (const Row& row : rows_) {
    text += line(row.cells, widths) + "\n";
    for (const std::string& note : row.notes) text += wrapped("    ", note, screen);
  }
  return text;
}

std::vector<std::size_t> Table::widths_for(const Screen& screen) const {
  std::vector<std::size_t> widths;
  for (std::size_t at = 0; at < columns_.size(); ++at) {
    widths.push_back(columns_of(columns_[at].title));
    for (const Row& row : rows_) widths.back() = std::max(widths.back(), columns_of(row.cells[at]));
  }
  const auto total = [&] {
    return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
  };
  while (total() > screen.width()) {
    std::size_t* widest = nullptr;
    for (std::size_t at = 0; at < widths.size(); ++at) {
      const bool may_be = columns_[at].may_be_shortened && widths[at] > kNarrowestColumn;
      if (may_be && (widest == nullptr || widths[at] > *widest)) widest = &widths[at];
    }
    if (widest == nullptr) break;
    --*widest;
  }
  return widths;
}

std::string Table::line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const {
  std::string line;
  for (std::size_t at = 0; at < cells.size(); ++at) {
    const Column& column = columns_[at];
    const std::string cell = column.may_be_shortened ? shortened(cells[at], widths[at]) : cells[at];
    if (at > 0) line += std::string(kGap, ' ');
    line += column.is_number ? padded_left(cell, widths[at]) : padded(cell, widths[at]);
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace waybill::cli
