#pragma once

#include <string>

#include "waybill/collect/tuning.h"
#include "waybill/support/expected.h"

namespace waybill::collect {

// Hands a request to the process that collects in a runtime directory and waits for its answer, some seconds
// at most. The error says why there is none: nobody collects there, or this user may not write there.
Expected<TuneAnswer> ask_to_tune(const std::string& directory, TuneRequest request);

}  // namespace waybill::collect
