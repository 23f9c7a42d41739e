#pragma once

#include <utility>
#include <vector>

#include "waybill/analysis/flow_counts.h"

namespace waybill::server {

using CountedFlow = std::vector<std::pair<analysis::FlowKey, analysis::FlowCounts>>;

inline bool is_send(const analysis::FlowKey& key) {
  return key.operation == evidence::Operation::kSend || key.operation == evidence::Operation::kCreate;
}

// Without what counts a message a second time: where a service shows that it got messages and that it
// processed them, only the processing stays.
CountedFlow count_once(CountedFlow flow);

}  // namespace waybill::server
