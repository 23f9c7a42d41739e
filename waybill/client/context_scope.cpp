#include "waybill/client/context_scope.h"

#include "waybill/client/internal/held_scope.h"
#include "waybill/kafka/context_headers.h"

namespace waybill {

ContextScope::ContextScope(const Headers& headers) {
  std::vector<kafka::PlainHeader> list;
  list.reserve(headers.size());
  for (const auto& [name, value] : headers) list.push_back({name, value});
  internal::hold_context(list.data(), list.size(), ticket_);
}

void ContextScope::end() { internal::end_held(ticket_); }

}  // namespace waybill
