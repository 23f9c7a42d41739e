#include <algorithm>
#include <cstddef>
#include <exception>
#include <vector>

#include "waybill/client/internal/cores.h"
#include "waybill/client/internal/held_scope.h"
#include "waybill/client/waybill.h"
#include "waybill/kafka/context_headers.h"

namespace {

using waybill::agent::EntryPoints;

static_assert(sizeof(waybill::internal::ScopeWords) == sizeof(waybill_scope_t));

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
  return waybill::internal::why_not_observed(nullptr, conf);
}

waybill_scope_t waybill_process_begin(rd_kafka_t* client, rd_kafka_message_t* const* messages, size_t count) {
  waybill_scope_t scope = {};
  const EntryPoints* core = waybill::internal::core_of(client);
  if (core == nullptr || messages == nullptr || count == 0) return scope;
  waybill::internal::hold(*core, core->begin_processing(client, messages, count), scope.ticket);
  return scope;
}

void waybill_process_end(waybill_scope_t* scope, const char* error_type, const char* description) {
  if (scope != nullptr) waybill::internal::end_held(scope->ticket, error_type, description);
}

size_t waybill_current_headers(waybill_put_header_t put, void* target) {
  Counted counted{put, target, 0};
  if (const EntryPoints* core = waybill::internal::current_core())
    core->inject_current(put_and_count, &counted);
  return counted.count;
}

waybill_scope_t waybill_context_begin(const waybill_header_t* headers, size_t count) try {
  waybill_scope_t scope = {};
  if (headers == nullptr) return scope;
  std::vector<waybill::kafka::PlainHeader> list;
  list.reserve(count);
  for (std::size_t at = 0; at < count; ++at) {
    const waybill_header_t& header = headers[at];
    if (header.name != nullptr && header.value != nullptr)
      list.push_back({header.name, {header.value, header.size}});
  }
  waybill::internal::hold_context(list.data(), list.size(), scope.ticket);
  return scope;
} catch (const std::exception&) {  // no memory, or no sense in `count`
  return {};
}

ptrdiff_t waybill_baggage(const char* key, char* value, size_t size) {
  const EntryPoints* core = waybill::internal::current_core();
  const std::size_t room = size == 0 ? 0 : size - 1;
  const std::ptrdiff_t length =
      core == nullptr || key == nullptr ? -1 : core->baggage_value(key, value, room);
  if (size != 0) value[length < 0 ? 0 : std::min(static_cast<std::size_t>(length), room)] = '\0';
  return length;
}
