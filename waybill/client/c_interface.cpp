#include <cstring>

#include "waybill/client/internal/core.h"
#include "waybill/client/waybill.h"

namespace {

using waybill::agent::EntryPoints;
using waybill::internal::core_or_null;
using waybill::observe::ScopeTicket;

static_assert(sizeof(ScopeTicket) == sizeof(waybill_scope_t));

struct Counted {
  waybill_put_header_t put;
  void* target;
  std::size_t count;
};

void put_and_count(void* target, const char* name, const char* value, std::size_t size) {
  auto* counted = static_cast<Counted*>(target);
  ++counted->count;
  if (counted->put != nullptr) counted->put(counted->target, name, value, size);
}

}  // namespace

const char* waybill_instrument(rd_kafka_conf_t* conf) {
  const auto& core = waybill::internal::core();
  if (!core) return core.error().message.c_str();
  return (*core)->observe_conf(reinterpret_cast<const void*>(&rd_kafka_conf_new), conf);
}

waybill_scope_t waybill_process_begin(rd_kafka_t* client, rd_kafka_message_t* const* messages, size_t count) {
  waybill_scope_t scope = {};
  const EntryPoints* core = core_or_null();
  if (core == nullptr || count == 0) return scope;
  const ScopeTicket ticket = core->begin_processing(client, messages, count);
  std::memcpy(&scope, &ticket, sizeof ticket);
  return scope;
}

void waybill_process_end(waybill_scope_t* scope, const char* error_type, const char* description) {
  ScopeTicket ticket;
  std::memcpy(&ticket, scope, sizeof ticket);
  *scope = {};
  const EntryPoints* core = core_or_null();
  if (core != nullptr) core->end_processing(ticket, error_type, description);
}

size_t waybill_current_headers(waybill_put_header_t put, void* target) {
  Counted counted{put, target, 0};
  if (const EntryPoints* core = core_or_null()) core->inject_current(put_and_count, &counted);
  return counted.count;
}
