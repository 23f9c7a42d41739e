#include "waybill/server/span_timeline.h"

#include <algorithm>
#include <iterator>

namespace waybill::server {
namespace {

constexpr std::size_t kMostKept = 20'000;  // then it begins anew

}  // namespace

Expected<std::vector<const evidence::Span*>> SpanTimeline::newest(const store::Window& window,
                                                                  std::size_t most) {
  const std::int64_t read_from_ns = next_ ? spans_.back().start_ns : from_ns_;
  if (window.to_ns > to_ns_ || window.to_ns < read_from_ns || spans_.size() > kMostKept) {
    spans_.clear();
    next_.reset();
    to_ns_ = window.to_ns;
    from_ns_ = window.to_ns + 1;
  }
  const auto is_later = [](const evidence::Span& span, std::int64_t time_ns) {
    return span.start_ns > time_ns;
  };
  const auto first = std::lower_bound(spans_.begin(), spans_.end(), window.to_ns, is_later) - spans_.begin();
  const auto count = [&] {
    const auto end = std::lower_bound(spans_.begin() + first, spans_.end(), window.from_ns - 1, is_later);
    return std::min(most, static_cast<std::size_t>(end - spans_.begin() - first));
  };
  if (count() < most && !reaches(window.from_ns))
    if (const auto done = read_back_to(window.from_ns, most - count()); !done) return done.error();
  std::vector<const evidence::Span*> found;
  for (std::size_t at = 0, end = count(); at < end; ++at)
    found.push_back(&spans_[static_cast<std::size_t>(first) + at]);
  return found;
}

// Whether everything since then was read.
bool SpanTimeline::reaches(std::int64_t time_ns) const {
  return next_ ? spans_.back().start_ns < time_ns : from_ns_ <= time_ns;
}

Expected<void> SpanTimeline::read_back_to(std::int64_t from_ns, std::size_t most) {
  store::SpanQuery query = query_;
  query.window = {from_ns, next_ ? to_ns_ : from_ns_ - 1};
  if (next_) query.before = *next_;
  query.most = most;
  auto found = store_.search(query);
  if (!found) return found.error();
  const bool is_all = found->spans.size() < most;
  std::move(found->spans.begin(), found->spans.end(), std::back_inserter(spans_));
  next_ = is_all ? std::nullopt : std::optional{found->next};
  from_ns_ = from_ns;
  return {};
}

}  // namespace waybill::server
