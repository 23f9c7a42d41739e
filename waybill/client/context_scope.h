#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "waybill/client/api.h"

namespace waybill {

// A context that came by another way than in a message of Kafka: the headers of an HTTP request, a row in a
// table. As long as it lasts it is current on the thread that made it: what that thread sends is the child of
// the span that the headers name, and so is processing that begins within it. It has no span of its own. The
// headers are read as OTEL_PROPAGATORS says; where no context stands in them, what was current stays so.
//
//   const waybill::ContextScope context{request.headers};
//   producer.send({"orders", request.body});
//
// Before the first traced client of the process, and where Waybill is switched off, it does nothing.
// Thread-compatible; may end on another thread.
class WAYBILL_API ContextScope {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;  // names in upper or lower case

  explicit ContextScope(const Headers& headers);
  ~ContextScope() { end(); }
  ContextScope(ContextScope&& other) noexcept { std::swap(ticket_, other.ticket_); }
  ContextScope& operator=(ContextScope&& other) noexcept {
    ContextScope ended{std::move(*this)};
    std::swap(ticket_, other.ticket_);
    return *this;
  }

  // Ends it before the scope does.
  void end();

 private:
  std::uint64_t ticket_[4] = {};
};

}  // namespace waybill
