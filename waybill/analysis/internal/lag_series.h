#pragma once

#include <optional>
#include <vector>

#include "waybill/analysis/lag_report.h"

namespace waybill::analysis {

// Series have one value for each step of a window: the last that was seen in it.

std::vector<LagSample> samples_within(const std::vector<LagSample>& samples, const LagWindow& window);
std::vector<std::optional<double>> lag_series(const std::vector<LagSample>& samples, const LagWindow& window);

// All partitions together. A partition that says nothing for a step or two is where it was.
std::vector<std::optional<double>> sum_series(const GroupHistory& history, const LagWindow& window);
// The longest time of all partitions.
std::vector<std::optional<double>> longest_series(const GroupHistory& history, const LagWindow& window);

std::vector<TrendPoint> trend_points(const std::vector<LagSample>& samples);
std::vector<TrendPoint> trend_points(const std::vector<std::optional<double>>& series,
                                     const LagWindow& window);

}  // namespace waybill::analysis
