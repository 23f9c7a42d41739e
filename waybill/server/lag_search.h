#pragma once

#include <string>
#include <vector>

#include "waybill/analysis/lag_report.h"
#include "waybill/server/sources.h"
#include "waybill/support/expected.h"

namespace waybill::server {

struct LagQuestion {
  store::Window window;
  std::string group;  // empty: all
  std::string topic;
  // What all pages ask with: how a group is called depends on them. With one there is no trend.
  std::uint32_t steps = 60;
};

// How far each group is behind in each of its topics, from the metrics that came in the window. Furthest
// behind first. The error is that of the store.
Expected<std::vector<analysis::GroupReport>> find_lags(const Sources& sources, const LagQuestion& question);

}  // namespace waybill::server
