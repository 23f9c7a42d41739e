#pragma once

#include <cstddef>
#include <cstdint>

#include "waybill/agent/entry_points.h"

// Scopes as the application holds them: in words that say nothing to it, all zero for none. They say, too,
// in which of the process's host sides the scope began.
namespace waybill::internal {

using ScopeWords = std::uint64_t[4];

void hold(const agent::EntryPoints& core, observe::ScopeTicket ticket, ScopeWords& words);

// Begins the scope of a context that stands in these headers, where the process has a traced client: what is
// current is shared by all host sides, and one without a client yet has no room for it.
void hold_context(const kafka::PlainHeader* headers, std::size_t count, ScopeWords& words);

// Ends what the words stand for, which are all zero then. `error_type`: null if it went well.
void end_held(ScopeWords& words, const char* error_type = nullptr, const char* description = nullptr);

}  // namespace waybill::internal
