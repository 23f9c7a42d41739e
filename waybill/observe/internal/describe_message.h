#pragma once

#include <atomic>

#include "waybill/observe/application_attributes.h"

namespace waybill::observe::internal {

// Null: the application gives no attributes. In every room of the process.
inline constinit std::atomic<DescribeMessage> describe_message{nullptr};

inline bool describes_messages() { return describe_message.load(std::memory_order_relaxed) != nullptr; }

}  // namespace waybill::observe::internal
