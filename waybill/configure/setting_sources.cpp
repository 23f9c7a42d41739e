#include "waybill/configure/setting_sources.h"

namespace waybill::configure {
namespace {

void lay_over(CombinedSettings& combined, const Environment& variables, Origin origin) {
  for (const auto& [name, value] : variables.variables()) {
    if (trim(value).empty()) continue;  // empty is the same as not set, so what lies under it counts
    combined.values.set(name, value);
    combined.origins.insert_or_assign(name, origin);
  }
}

}  // namespace

CombinedSettings combine(const SettingSources& sources) {
  CombinedSettings combined;
  lay_over(combined, sources.defaults, Origin::kCollectingProcess);
  lay_over(combined, sources.program, Origin::kProgram);
  return combined;
}

Resolved resolve(const SettingSources& sources) { return resolve(combine(sources).values); }

}  // namespace waybill::configure
