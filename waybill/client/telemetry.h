#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "waybill/client/api.h"
#include "waybill/support/expected.h"

namespace waybill {

class Telemetry;
class TelemetryBuilder;

namespace agent {
struct EntryPoints;
}
namespace internal {
const agent::EntryPoints& core_of(const Telemetry& telemetry);
}

// Where the spans and metrics of this process's Kafka clients go. The last copy that goes ends it, as
// shutdown() does.
//
//   auto telemetry = waybill::Telemetry::autoconfigure();   // OTEL_* and WAYBILL_*
//
// It has the clients that are made for it, and remains theirs until they are closed:
// waybill::Producer::create(*telemetry, …), waybill::instrument(*telemetry, conf). Clients that are made for
// none have the default one, which is the first that was made of those that live, or the one that was
// registered last as global. There can be several at once; docs/cpp-api.md says how many.
//
// By default a thread of this process collects. Where WAYBILL_RUNTIME_DIR is set (`waybill run` sets it),
// another process does, `waybill collect`, and survives this one. What the thread has not sent is lost when
// the process is killed, calls _exit, or ends without ending this. After fork() the child's own clients are
// collected by the parent's thread, as long as it lives.
//
// Thread-safe.
class WAYBILL_API Telemetry {
 public:
  // By environment variables and the file that OTEL_CONFIG_FILE names. Wrong settings are said on stderr and
  // keep their defaults; the error says why there is no telemetry at all.
  static Expected<Telemetry> autoconfigure();
  static TelemetryBuilder builder();

  // What was recorded until now is sent; false: not by then. Returns at once where another process collects.
  bool force_flush(std::chrono::milliseconds timeout);
  // The same, and nothing is collected any more. Later calls return what the first did.
  bool shutdown(std::chrono::milliseconds timeout);

 private:
  friend class TelemetryBuilder;
  friend const agent::EntryPoints& internal::core_of(const Telemetry& telemetry);
  class State;
  explicit Telemetry(std::shared_ptr<State> state) : state_{std::move(state)} {}
  std::shared_ptr<State> state_;
};

}  // namespace waybill
