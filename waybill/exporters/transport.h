#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "waybill/exporters/delivery.h"

namespace waybill::exporters {

// Takes encoded bytes to one receiver, whatever they hold: spans or metrics. Owned by the thread that sends;
// only stop() may come from another.
class Transport {
 public:
  using Deadline = exporters::Deadline;

  virtual ~Transport() = default;

  // What messages call the receiver. Without secrets.
  virtual const std::string& name() const = 0;

  // How large a body may be. What is larger need not be sent: it would be refused.
  virtual std::size_t most_bytes() const { return SIZE_MAX; }

  // Waits until the body is taken, refused, or given up, by `deadline` at the latest; a transport has a
  // time-out of its own too.
  virtual Delivery send(std::string_view body, Deadline deadline) = 0;

  // Lets a running send() return at once, and every later one.
  virtual void stop() = 0;
};

}  // namespace waybill::exporters
