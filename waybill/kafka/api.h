#pragma once

#include <librdkafka/rdkafka.h>

#include "waybill/base/failure.h"

namespace waybill::kafka {

// The functions of one librdkafka in this process. A process may hold several copies with different layouts
// and allocators: a client is only ever touched through the copy that made it. Nothing here links librdkafka.
//
// Optional functions (marked so) are null in versions that lack them.
struct Api {
  decltype(&rd_kafka_version_str) version_str;
  decltype(&rd_kafka_conf_new) conf_new;
  decltype(&rd_kafka_conf_destroy) conf_destroy;
  decltype(&rd_kafka_conf_dup) conf_dup;
  decltype(&rd_kafka_conf_get) conf_get;
  decltype(&rd_kafka_conf_interceptor_add_on_new) conf_add_on_new;
  decltype(&rd_kafka_conf_interceptor_add_on_conf_destroy) conf_add_on_conf_destroy;
  decltype(&rd_kafka_conf_interceptor_add_on_conf_set) conf_add_on_conf_set;
  decltype(&rd_kafka_conf_interceptor_add_on_conf_dup) conf_add_on_conf_dup;
  decltype(&rd_kafka_interceptor_add_on_send) add_on_send;
  decltype(&rd_kafka_interceptor_add_on_acknowledgement) add_on_acknowledgement;
  decltype(&rd_kafka_interceptor_add_on_consume) add_on_consume;
  decltype(&rd_kafka_interceptor_add_on_destroy) add_on_destroy;
  decltype(&rd_kafka_interceptor_add_on_request_sent) add_on_request_sent;            // optional
  decltype(&rd_kafka_interceptor_add_on_response_received) add_on_response_received;  // optional
  decltype(&rd_kafka_interceptor_add_on_thread_start) add_on_thread_start;
  decltype(&rd_kafka_type) type;
  decltype(&rd_kafka_topic_name) topic_name;
  decltype(&rd_kafka_message_headers) message_headers;
  decltype(&rd_kafka_message_set_headers) message_set_headers;
  decltype(&rd_kafka_message_detach_headers) message_detach_headers;
  decltype(&rd_kafka_message_timestamp) message_timestamp;
  decltype(&rd_kafka_message_status) message_status;
  decltype(&rd_kafka_message_latency) message_latency;                            // optional
  decltype(&rd_kafka_position) position;                                          // optional
  decltype(&rd_kafka_get_watermark_offsets) get_watermark_offsets;                // optional
  decltype(&rd_kafka_topic_partition_list_new) topic_partition_list_new;          // optional
  decltype(&rd_kafka_topic_partition_list_add) topic_partition_list_add;          // optional
  decltype(&rd_kafka_topic_partition_list_destroy) topic_partition_list_destroy;  // optional
  decltype(&rd_kafka_headers_new) headers_new;
  decltype(&rd_kafka_headers_destroy) headers_destroy;
  decltype(&rd_kafka_header_add) header_add;
  decltype(&rd_kafka_header_remove) header_remove;
  decltype(&rd_kafka_header_get_last) header_get_last;
  decltype(&rd_kafka_header_get_all) header_get_all;
  decltype(&rd_kafka_err2name) err2name;
  decltype(&rd_kafka_err2str) err2str;
  decltype(&rd_kafka_clusterid) clusterid;  // optional
  decltype(&rd_kafka_mem_free) mem_free;    // optional

  // The functions of the librdkafka that holds the code at `inside`, looked up through `library`. Null with a
  // Failure when it is too old, or when the functions that are found belong to another copy (the calling one
  // hides its own). Lives as long as the process; asking again gives the same table.
  static const Api* of(void* library, const void* inside, base::Failure& failure);
};

}  // namespace waybill::kafka
