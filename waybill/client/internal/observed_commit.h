#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <memory>

#include "waybill/client/kafka_error.h"

namespace waybill::internal {

struct DestroyList {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyList>;

// Where the consumer stands in each partition that it has. Null: it does not say; `code` is why.
PartitionList positions_of(rd_kafka_t* consumer, rd_kafka_resp_err_t& code);

// A commit as the host side sees it: from the constructor to end().
class ObservedCommit {
 public:
  ObservedCommit();

  // What was committed: `offsets` up to which records are settled, null if nobody knows. `producer`: in whose
  // transaction; null: in none. Nothing to commit is no commit.
  void end(rd_kafka_t* consumer, const rd_kafka_topic_partition_list_t* offsets,
           const KafkaResult<void>& result, rd_kafka_t* producer = nullptr) const;

  // Of one record: `offsets` holds the one after it.
  void end_of_record(rd_kafka_t* consumer, const rd_kafka_topic_partition_list_t* offsets,
                     const KafkaResult<void>& result) const;

 private:
  std::uint64_t start_ns_;
};

}  // namespace waybill::internal
