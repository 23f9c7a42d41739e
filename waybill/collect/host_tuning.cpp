#include <algorithm>
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

}  // namespace

void Host::publish() {
  const configure::Settings& settings = resolved_.settings;
  assembler_.keep(kept_spans(settings.keep));
  reader_.publish(configure::host_settings(settings), configure::rule_table(settings));
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
