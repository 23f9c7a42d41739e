/* The C interface of libwaybill.so: for plain C, and for every language that can call C. C++ has more
 * (waybill/client/ beside this file). Of clients that are not traced, and where Waybill is switched off,
 * every call does nothing. Thread-safe. */
#ifndef WAYBILL_CLIENT_WAYBILL_H
#define WAYBILL_CLIENT_WAYBILL_H

#include <librdkafka/rdkafka.h>
#include <stddef.h>
#include <stdint.h>

#include "waybill/client/api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Has every client that is made from `conf` traced. Returns NULL, or why not: a text that is never freed. */
WAYBILL_API const char* waybill_instrument(rd_kafka_conf_t* conf);

/* Processing that has begun and not ended. All zero: none. */
typedef struct waybill_scope {
  uint64_t ticket[4];
} waybill_scope_t;

/* The processing of `count` messages, polled from `client`, begins on this thread: what it sends until the
 * end is part of it. */
WAYBILL_API waybill_scope_t waybill_process_begin(rd_kafka_t* client, rd_kafka_message_t* const* messages,
                                                  size_t count);

/* It ends, on whichever thread; a second time does nothing, of a copy of it too. `error_type`: NULL if it
 * went well, else a name out of a few; `description` may be NULL. */
WAYBILL_API void waybill_process_end(waybill_scope_t* scope, const char* error_type, const char* description);

/* Calls `put` with each header that a message sent from this thread would carry, and returns how many: to
 * hand the context on by another way than Kafka. 0: nothing is current on this thread. `value` does not
 * end with a zero byte. */
typedef void (*waybill_put_header_t)(void* target, const char* name, const char* value, size_t size);
WAYBILL_API size_t waybill_current_headers(waybill_put_header_t put, void* target);

/* A header of whatever came by another way than Kafka. `value` need not end with a zero byte. */
typedef struct waybill_header {
  const char* name; /* in upper or lower case */
  const char* value;
  size_t size;
} waybill_header_t;

/* The context that stands in these headers becomes current on this thread, until waybill_process_end(): what
 * is sent from here is its child, and so is processing that begins here. It has no span of its own. Headers
 * that hold no context change nothing. */
WAYBILL_API waybill_scope_t waybill_context_begin(const waybill_header_t* headers, size_t count);

/* What the baggage that is current on this thread says of `key`: percent-decoded, written into `value` as
 * much as has room, with a zero byte behind it. Returns its length in all; -1: there is none. `value` may be
 * NULL if `size` is 0. */
WAYBILL_API ptrdiff_t waybill_baggage(const char* key, char* value, size_t size);

#ifdef __cplusplus
}
#endif

#endif
