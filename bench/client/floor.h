#pragma once

#include <librdkafka/rdkafka.h>

namespace waybill::bench {

// The least that putting a traceparent on every message costs, whoever does it: the same constant bytes on
// each, put there by an interceptor. `recycle`: lists of headers are taken off acknowledged messages and used
// again. For one producer with one producing thread. Call before rd_kafka_new.
void add_constant_header(rd_kafka_conf_t* conf, bool recycle);

inline constexpr char kTraceparentName[] = "traceparent";
inline constexpr char kTraceparent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

}  // namespace waybill::bench
