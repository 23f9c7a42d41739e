#pragma once

#include <cstddef>
#include <string>

namespace waybill::cli {

// What answers are shown on: how wide it is, and whether it has colours. A value.
class Screen {
 public:
  Screen(std::size_t width, bool colour) : width_{width}, colour_{colour} {}

  // The terminal behind stdout, with its own colours unless NO_COLOR is set. What is no terminal has none,
  // and the width of COLUMNS, or 80. Counts the columns of characters as the terminal does, so this comes
  // first.
  static Screen of_stdout();

  std::size_t width() const { return width_; }  // from 80 to 200

  // `text` as the screen shows it: with escape sequences where it has colours.
  std::string strong(const std::string& text) const { return marked("\x1b[1m", text); }
  std::string faint(const std::string& text) const { return marked("\x1b[2m", text); }
  std::string good(const std::string& text) const { return marked("\x1b[32m", text); }
  std::string bad(const std::string& text) const { return marked("\x1b[31m", text); }
  std::string doubtful(const std::string& text) const { return marked("\x1b[33m", text); }

 private:
  std::string marked(const char* mark, const std::string& text) const;

  std::size_t width_;
  bool colour_;
};

}  // namespace waybill::cli
