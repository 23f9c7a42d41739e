#include <algorithm>
#include <cstdio>
#include <utility>

#include "waybill/collect/host.h"
#include "waybill/configure/host_settings.h"

// A host's settings as they come to it, and as they change while it runs.
namespace waybill::collect {
namespace {

telemetry::KeptSpans kept_spans(const configure::KeepSettings& keep) {
  telemetry::KeptSpans kept{.errors = keep.errors};
  if (keep.slower_than) kept.slower_than_ns = static_cast<std::uint64_t>(keep.slower_than->count());
  return kept;
}

std::string in_percent(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g %%", number);
  return text;
}

}  // namespace

void Host::publish() {
  const configure::Settings& settings = resolved_.settings;
  assembler_.keep(kept_spans(settings.keep));
  reader_.publish(configure::host_settings(settings, adaptive_.ratio()), configure::rule_table(settings));
}

std::uint64_t Host::spans_to_adapt_to() const { return assembler_.counts().finished - meters_.spans; }

void Host::adapt(double collecting_ns) {
  reader_.refresh();
  const Meters before =
      std::exchange(meters_, {hook_ns(reader_), program_ns(), assembler_.counts().finished});
  const configure::SamplerChoice& sampler = resolved_.settings.sampler.root;
  if (!sampler.has_budget() || before.program_ns == 0 || meters_.program_ns < before.program_ns) return;
  const double ratio = adaptive_.ratio();
  adaptive_.update({.tracing_ns = static_cast<double>(meters_.hooks_ns - before.hooks_ns) + collecting_ns,
                    .program_ns = static_cast<double>(meters_.program_ns - before.program_ns)},
                   sampler.number / 100);
  if (adaptive_.ratio() != ratio) publish();
  const double beyond = adaptive_.cost_beyond_budget();
  if (beyond == 0) return;
  const std::string program{reader_.host().program};
  log_.warning("budget " + name_, "tracing takes " + in_percent(100 * beyond) + " of the processor time of " +
                                      program + " (pid " + std::to_string(reader_.host().pid) +
                                      "), though only one trace in a thousand is kept: the budget is " +
                                      in_percent(sampler.number) +
                                      "; WAYBILL_INJECT=sampled makes it cheaper");
}

std::vector<configure::Problem> Host::tune(const configure::Environment& tuned) {
  configure::SettingSources sources = sources_;
  sources.tuned = tuned;
  configure::Resolved resolved = configure::resolve(sources);
  std::vector<configure::Problem> problems;
  for (const configure::Problem& problem : resolved.problems) {
    const bool is_old =
        std::any_of(resolved_.problems.begin(), resolved_.problems.end(),
                    [&](const configure::Problem& old) { return describe(old) == describe(problem); });
    if (!is_old) problems.push_back(problem);
  }
  if (!problems.empty()) return problems;
  sources_ = std::move(sources);
  resolved_ = std::move(resolved);
  publish();
  return {};
}

}  // namespace waybill::collect
