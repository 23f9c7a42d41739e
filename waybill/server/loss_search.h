#pragma once

#include <string>
#include <vector>

#include "waybill/analysis/lag_report.h"
#include "waybill/analysis/loss_books.h"
#include "waybill/server/sources.h"
#include "waybill/support/expected.h"

namespace waybill::server {

struct LossQuestion {
  store::Window window;
  std::string topic;  // empty: all
  std::string group;
};

// The books of a window: counts from metrics, else from spans, and by name what was lost, skipped, rejected
// or left in doubt. Names are looked for among failed sends and among what was sent and not seen at a group,
// newest first and at most some hundred: the counts know of all. The error is that of the store.
Expected<analysis::LossInput> find_losses(const Sources& sources, const LossQuestion& question,
                                          std::int64_t now_ns);

}  // namespace waybill::server
