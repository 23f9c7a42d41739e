#include "waybill/client/telemetry.h"

#include <unistd.h>

#include <atomic>
#include <map>
#include <string>
#include <utility>

#include "waybill/client/internal/core.h"
#include "waybill/client/internal/telemetry_state.h"
#include "waybill/client/telemetry_builder.h"
#include "waybill/configure/setting_sources.h"

namespace waybill {
namespace {

constexpr std::chrono::seconds kTimeToEnd{5};

// There is one host side in a process, with one segment and one set of settings.
std::atomic<bool> exists{false};

}  // namespace

Expected<std::shared_ptr<Telemetry::State>> Telemetry::State::make(
    const std::map<std::string, std::string>& settings, bool in_process,
    const internal::ApplicationCode& code) {
  const auto& core = internal::core();
  if (!core) return core.error();
  if ((*core)->has_begun()) {
    return Error{
        Error::Code::kTooLate,
        "a Kafka client of this process is traced already; make the telemetry before the first client"};
  }
  if (exists.exchange(true))
    return Error{Error::Code::kTooLate, "this process has its telemetry already: there can be one"};
  std::shared_ptr<State> state{new State};
  state->process_ = getpid();
  std::map<std::string, std::string> told = settings;
  configure::Environment all = configure::Environment::from_list(environ);
  for (const auto& [name, value] : settings) all.set(name, value);
  const Log::Level level = configure::resolve(configure::SettingSources{{}, all}).settings.log_level;
  if (in_process) {
    Expected<std::unique_ptr<internal::InProcessCollector>> collector =
        internal::InProcessCollector::start(all, level, code.span_exporters);
    if (!collector) {
      exists = false;
      return collector.error();
    }
    state->collector_ = std::move(*collector);
    told["WAYBILL_RUNTIME_DIR"] = state->collector_->directory();
  }
  std::string text;
  for (const auto& [name, value] : told) text.append(name).append(1, '=').append(value).append(1, '\0');
  if (!(*core)->add_settings(text.data(), text.size())) {
    exists = false;
    return Error{Error::Code::kInvalidSetting,
                 "the host side has no room for " + std::to_string(text.size()) + " more bytes of settings"};
  }
  internal::install(code, level);
  return state;
}

// The child of a fork has this object, but not the thread that it speaks to.
bool Telemetry::State::is_ours() const { return process_ == getpid(); }

Telemetry::State::~State() {
  if (is_ours()) shutdown(kTimeToEnd);
  const bool may_be_destroyed = collector_ == nullptr || (is_ours() && !collector_->waits_for_broker());
  if (!may_be_destroyed) (void)collector_.release();
}

bool Telemetry::State::flush(std::chrono::milliseconds timeout) {
  if (collector_ == nullptr) return true;
  return is_ours() && collector_->flush(std::chrono::steady_clock::now() + timeout);
}

bool Telemetry::State::shutdown(std::chrono::milliseconds timeout) {
  if (collector_ == nullptr) return true;
  if (!is_ours()) return false;
  const bool is_all_sent = collector_->shutdown(std::chrono::steady_clock::now() + timeout);
  internal::uninstall();  // where another process collects, spans are still made
  return is_all_sent;
}

Expected<Telemetry> Telemetry::autoconfigure() { return builder().build(); }

TelemetryBuilder Telemetry::builder() { return {}; }

bool Telemetry::force_flush(std::chrono::milliseconds timeout) { return state_->flush(timeout); }

bool Telemetry::shutdown(std::chrono::milliseconds timeout) { return state_->shutdown(timeout); }

}  // namespace waybill
