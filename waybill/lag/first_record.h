#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "waybill/lag/cluster_connection.h"
#include "waybill/lag/topic_partition.h"

namespace waybill::lag {

// The offset of the record that a reader who begins at `offset` gets first: brokers pass over what was
// compacted, markers of transactions, and with `read_committed` what was aborted. kNoOffset: there is none up
// to the log's end. None: no broker answered within `patience`, or the offset is outside of the log. Waits;
// makes a client of its own, which joins no group and commits nothing.
std::optional<std::int64_t> first_record_from(const ClusterConfig& cluster, const TopicPartition& at,
                                              std::int64_t offset, bool read_committed,
                                              std::chrono::milliseconds patience);

}  // namespace waybill::lag
