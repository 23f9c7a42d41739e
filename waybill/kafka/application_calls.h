#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "waybill/kafka/context_headers.h"
#include "waybill/observe/application_span.h"
#include "waybill/observe/open_transaction.h"
#include "waybill/observe/process_scope.h"
#include "waybill/observe/send_batch.h"

// What no interceptor can see, and an application tells by itself, through the C++ API; polls that fail the
// preload shim tells too.
namespace waybill::kafka {

bool is_observed(const rd_kafka_t* client);

// The processing of these messages begins on this thread. All zero: nothing is observed, and there is nothing
// to end.
observe::ScopeTicket begin_processing(rd_kafka_t* client, rd_kafka_message_t* const* messages,
                                      std::size_t count);
// `error_type`: null if it went well.
void end_processing(const observe::ScopeTicket& ticket, const char* error_type, const char* description);

// The context that stands in these headers, which came by another way than in a message, becomes current on
// this thread. All zero: there is none.
observe::ScopeTicket begin_context(const PlainHeader* headers, std::size_t count);

// The poll that runs on this thread got `message`, which is an error. The end of a partition is none: then
// nothing is done.
void poll_failed(rd_kafka_t* client, const rd_kafka_message_t* message);

// How many hooks have run on this thread. A produce call that was refused, and in which none ran, was told to
// no interceptor.
std::uint32_t hooks_run();

// A message that librdkafka did not take. Texts are borrowed for the call.
struct RefusedMessage {
  std::string_view topic;
  const void* key;
  std::size_t key_size;
  const void* body;  // null: a null value
  std::size_t body_size;
  const rd_kafka_headers_t* headers;  // null: none
  std::int32_t partition;             // as asked for; -1: any
  rd_kafka_resp_err_t error;
};
void send_refused(rd_kafka_t* client, const RefusedMessage& message);

// A producer's transaction has begun. Returns what end_transaction() wants; 0: nothing is observed.
std::uint64_t begin_transaction(rd_kafka_t* producer);

// How it ended. What went wrong has librdkafka's code, or a name of another kind. Texts are borrowed for the
// call.
struct EndedTransaction {
  segment::Outcome outcome;
  rd_kafka_resp_err_t error;  // with librdkafka
  const char* error_type;     // else, of the application; null: nothing
  const char* description;    // null: the error's own
};
void end_transaction(rd_kafka_t* producer, std::uint64_t ticket, const EndedTransaction& end);

// A commit of a consumer's that is over. Everything is borrowed for the call.
struct Settled {
  std::uint64_t start_ns;                                    // of base::monotonic_ns()
  const rd_kafka_topic_partition_list_t* offsets = nullptr;  // up to which records are settled; null: unknown
  bool is_record = false;                                    // it was one record, that before the only offset
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  const char* description = nullptr;  // null: the error's own
};
// `producer`: in whose transaction; null: in none.
void settled(rd_kafka_t* consumer, rd_kafka_t* producer, const Settled& settled);

// What this thread sends from here until leave_batch() is one batch. `topic`: of all messages; empty: they
// are of several.
void begin_batch(rd_kafka_t* producer, const char* topic, std::size_t topic_size, observe::SendBatch& batch);
void leave_batch(const observe::SendBatch& batch);
// It is known what became of its messages. `error`: of the first that failed.
void end_batch(rd_kafka_t* producer, observe::SendBatch& batch, rd_kafka_resp_err_t error,
               const char* description);

// Calls `put` for each header that a message sent from here would carry: those of the process scope that is
// current on this thread. None: nothing is current, or no propagator is asked for.
using PutHeader = void (*)(void* target, const char* name, const char* value, std::size_t size);
void inject_current(PutHeader put, void* target);

// What the baggage of that scope says of `key`, decoded: written into `value`, as much as has room, without a
// zero byte. How many bytes it is in all; -1: there is none.
std::ptrdiff_t baggage_value(std::string_view key, char* value, std::size_t size);

// The span of that scope. False: there is none.
bool current_span(observe::ApplicationSpan& span);

}  // namespace waybill::kafka
