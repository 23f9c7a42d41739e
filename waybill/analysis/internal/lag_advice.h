#pragma once

#include <string>

#include "waybill/analysis/lag_report.h"

namespace waybill::analysis {

// The report's numbers and state as a sentence.
std::string describe_lag(const GroupHistory& history, const LagWindow& window, const GroupReport& report);

// What would help; empty: nothing is needed, or nothing is known.
std::string advise(const GroupHistory& history, const GroupReport& report);

}  // namespace waybill::analysis
