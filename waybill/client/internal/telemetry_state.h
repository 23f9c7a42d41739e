#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "waybill/client/internal/application_code.h"
#include "waybill/client/internal/cores.h"
#include "waybill/client/internal/in_process_collector.h"
#include "waybill/client/telemetry.h"
#include "waybill/support/expected.h"

namespace waybill {

// What the copies of a Telemetry share.
class Telemetry::State {
 public:
  // `settings`: what was said in C++, by the names of variables; stronger than the environment.
  static Expected<std::shared_ptr<State>> make(const std::map<std::string, std::string>& settings,
                                               bool in_process, const internal::ApplicationCode& code);
  ~State();

  const internal::LeasedCore& core() const { return core_; }
  bool flush(std::chrono::milliseconds timeout);
  bool shutdown(std::chrono::milliseconds timeout);

 private:
  explicit State(internal::LeasedCore core) : core_{std::move(core)} {}
  bool is_ours() const;

  internal::LeasedCore core_;
  std::unique_ptr<internal::InProcessCollector> collector_;  // null: another process collects
  pid_t process_ = 0;
};

}  // namespace waybill
