#pragma once

#include <memory>
#include <vector>

#include "waybill/collect/host.h"
#include "waybill/collect/runtime_directory.h"

namespace waybill::collect {

// Answers what `waybill tune` asks in `directory`, for the hosts that are read there: changes the settings of
// one, if the file belongs to the host's user or to root, and writes the answer into the file. Files that are
// no requests stay as they are. Thread: the collector's.
void answer_tuning(const RuntimeDirectory& directory, const std::vector<std::unique_ptr<Host>>& hosts);

// What was tuned for the host of a segment before this process began.
configure::Environment tuned_before(const RuntimeDirectory& directory, const std::string& segment);

}  // namespace waybill::collect
