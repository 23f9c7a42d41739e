#include "waybill/client/telemetry.h"

#include <unistd.h>

#include <map>
#include <string>
#include <utility>

#include "waybill/client/internal/telemetry_state.h"
#include "waybill/client/telemetry_builder.h"
#include "waybill/configure/setting_sources.h"

namespace waybill {
namespace {

constexpr std::chrono::seconds kTimeToEnd{5};

}  // namespace

Expected<std::shared_ptr<Telemetry::State>> Telemetry::State::make(
    const std::map<std::string, std::string>& settings, bool in_process,
    const internal::ApplicationCode& code) {
  Expected<internal::LeasedCore> core = internal::LeasedCore::take();
  if (!core) return core.error();
  std::shared_ptr<State> state{new State{std::move(*core)}};
  state->process_ = getpid();
  std::map<std::string, std::string> told = settings;
  configure::Environment all = configure::Environment::from_list(environ);
  for (const auto& [name, value] : settings) all.set(name, value);
  const Log::Level level = configure::resolve(configure::SettingSources{{}, all}).settings.log_level;
  if (in_process) {
    Expected<std::unique_ptr<internal::InProcessCollector>> collector =
        internal::InProcessCollector::start(all, level, code.span_exporters);
    if (!collector) return collector.error();
    state->collector_ = std::move(*collector);
    told["WAYBILL_RUNTIME_DIR"] = state->collector_->directory();
  }
  std::string text;
  for (const auto& [name, value] : told) text.append(name).append(1, '=').append(value).append(1, '\0');
  if (!state->core_.use_settings(text)) {
    return Error{Error::Code::kTooLate, "a Kafka client was made at the same moment, or " +
                                            std::to_string(text.size()) + " bytes of settings are too many"};
  }
  internal::install(*state->core_, code, level);
  state->core_.become_default(true);
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
  core_.vacate();
  const bool is_all_sent = collector_->shutdown(std::chrono::steady_clock::now() + timeout);
  internal::uninstall(*core_);  // where another process collects, spans are still made
  return is_all_sent;
}

Expected<Telemetry> Telemetry::autoconfigure() { return builder().build(); }

TelemetryBuilder Telemetry::builder() { return {}; }

bool Telemetry::force_flush(std::chrono::milliseconds timeout) { return state_->flush(timeout); }

bool Telemetry::shutdown(std::chrono::milliseconds timeout) { return state_->shutdown(timeout); }

const agent::EntryPoints& internal::core_of(const Telemetry& telemetry) { return *telemetry.state_->core(); }

}  // namespace waybill
