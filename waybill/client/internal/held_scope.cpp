#include "waybill/client/internal/held_scope.h"

#include <cstring>

#include "waybill/client/internal/cores.h"

namespace waybill::internal {

static_assert(sizeof(observe::ScopeTicket) == sizeof(ScopeWords));

void hold(const agent::EntryPoints& core, observe::ScopeTicket ticket, ScopeWords& words) {
  if (ticket.scope != 0) ticket.host_side = static_cast<std::uint16_t>(number_of(core));
  std::memcpy(words, &ticket, sizeof ticket);
}

void hold_context(const kafka::PlainHeader* headers, std::size_t count, ScopeWords& words) {
  const agent::EntryPoints* core = current_core();
  if (core == nullptr) return;
  observe::ScopeTicket ticket = core->begin_context(headers, count);
  for (std::size_t number = 0; ticket.scope == 0 && core_at(number) != nullptr; ++number) {
    core = core_at(number);
    ticket = core->begin_context(headers, count);
  }
  hold(*core, ticket, words);
}

void end_held(ScopeWords& words, const char* error_type, const char* description) {
  observe::ScopeTicket ticket;
  std::memcpy(&ticket, words, sizeof ticket);
  std::memset(words, 0, sizeof words);
  if (ticket.scope == 0) return;
  if (const agent::EntryPoints* core = core_at(ticket.host_side))
    core->end_processing(ticket, error_type, description);
}

}  // namespace waybill::internal
