#include "waybill/configure/man_page.h"

#include <string_view>

#include "waybill/configure/configuration_doc.h"
#include "waybill/configure/setting_table.h"

namespace waybill::configure {
namespace {

constexpr std::string_view kDescription =
    R"(.SH NAME
waybill\-settings \- the settings of Waybill
.SH DESCRIPTION
Waybill is set up with environment variables of the program that it watches: the
.B OTEL_*
ones that every OpenTelemetry SDK knows, and a few
.B WAYBILL_*
ones. A program's own variables win over those of the collecting process, and these over the defaults.
.PP
Empty is the same as not set; blanks around a value do not count. A switch is on only with
.BR true ,
in upper or lower case. A value that cannot be understood is reported once, and the default is used. It never stops
the program.
.PP
.B waybill config
shows all of them with their values.
)";

constexpr std::string_view kEnd =
    R"(.SH SEE ALSO
.BR waybill (1),
.BR waybill\-run (1),
.BR waybill\-collect (1),
.BR waybill\-config (1)
)";

// Markdown code becomes bold, and what troff would take for its own is escaped.
std::string troff(std::string_view markdown) {
  std::string text;
  bool bold = false;
  for (const char c : markdown) {
    if (c == '`') {
      bold = !bold;
      text += bold ? "\\fB" : "\\fR";
    } else if (c == '\\') {
      text += "\\e";
    } else if (c == '-') {
      text += "\\-";
    } else {
      text += c;
    }
  }
  // A line that begins so would be a request.
  return text.starts_with('.') || text.starts_with('\'') ? "\\&" + text : text;
}

std::string entry(const Setting& setting) {
  std::string text = ".TP\n.B " + troff(setting.name) + "\n" + troff(setting.meaning) + "\n";
  if (!setting.default_text.empty()) text += "Default: \\fB" + troff(setting.default_text) + "\\fR.\n";
  return text;
}

}  // namespace

std::string settings_man_page() {
  std::string page =
      ".\\\" Made from waybill/configure/setting_table.cpp. Change that, then run configure_test with "
      "WAYBILL_APPROVE=1.\n.TH WAYBILL\\-SETTINGS 7 \"\" \"Waybill\" \"Waybill\"\n" +
      std::string{kDescription};
  std::string_view title;
  for (const Setting& setting : known_settings()) {
    if (title_of(setting.group) != title) {
      title = title_of(setting.group);
      page += ".SH \"" + troff(title) + "\"\n";
    }
    page += entry(setting);
  }
  return page + std::string{kEnd};
}

}  // namespace waybill::configure
