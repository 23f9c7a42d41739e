#include "waybill/cli/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <cstring>

namespace waybill::cli {
namespace {

constexpr long kNarrowest = 80;
constexpr long kWidest = 200;  // longer lines are no easier to read

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool has_colours() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && !is_set("NO_COLOR") &&
         (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

long width_of_stdout() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  return columns != nullptr && *columns != '\0' ? std::strtol(columns, nullptr, 10) : kNarrowest;
}

}  // namespace

Screen Screen::of_stdout() {
  std::setlocale(LC_CTYPE, "C.UTF-8");  // what wcwidth() asks
  return {static_cast<std::size_t>(std::clamp(width_of_stdout(), kNarrowest, kWidest)), has_colours()};
}

std::string Screen::marked(const char* mark, const std::string& text) const {
  return colour_ && !text.empty() ? mark + text + "\x1b[0m" : text;
}

}  // namespace waybill::cli
