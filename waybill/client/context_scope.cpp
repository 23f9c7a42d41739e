#include "waybill/client/context_scope.h"

#include <cstring>

#include "waybill/client/internal/core.h"
#include "waybill/kafka/context_headers.h"

namespace waybill {

using observe::ScopeTicket;

ContextScope::ContextScope(const Headers& headers) {
  const agent::EntryPoints* core = internal::core_or_null();
  if (core == nullptr) return;
  std::vector<kafka::PlainHeader> list;
  list.reserve(headers.size());
  for (const auto& [name, value] : headers) list.push_back({name, value});
  const ScopeTicket ticket = core->begin_context(list.data(), list.size());
  static_assert(sizeof ticket == sizeof ticket_);
  std::memcpy(ticket_, &ticket, sizeof ticket);
}

void ContextScope::end() {
  ScopeTicket ticket;
  std::memcpy(&ticket, ticket_, sizeof ticket);
  std::memset(ticket_, 0, sizeof ticket_);
  const agent::EntryPoints* core = internal::core_or_null();
  if (core != nullptr) core->end_processing(ticket, nullptr, nullptr);
}

}  // namespace waybill
