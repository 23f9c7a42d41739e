#pragma once

#include "waybill/kafka/api.h"
#include "waybill/observe/room.h"

namespace waybill::kafka {

// Tells the room where a consumer stands in its partitions, twice a second at most: what the client knows of
// each log's end, and which partitions it has no more. Asks the client's own memory only, no broker. To be
// called by the thread that has just polled, outside of librdkafka's callbacks: each question takes a lock of
// the client.
void look_at_partitions(const Api& api, rd_kafka_t* handle, observe::Room& room, observe::Client& client);

}  // namespace waybill::kafka
