#include "waybill/server/linked_spans.h"

#include <deque>
#include <set>

#include "waybill/analysis/span_ref.h"

namespace waybill::server {
namespace {

// Links lead on and on where each message is answered by another; a picture of more says nothing.
constexpr std::size_t kMostTraces = 50;

class Search {
 public:
  Search(store::Store& store, std::size_t most) : store_{store}, most_{most} {}

  Expected<LinkedSpans> run(const context::TraceId& from) {
    want(from);
    while (!wanted_.empty() && !is_full()) {
      const context::TraceId trace = wanted_.front();
      wanted_.pop_front();
      if (auto done = look_at(trace); !done) return done.error();
    }
    found_.is_cut = found_.is_cut || is_full();
    return std::move(found_);
  }

 private:
  bool is_full() const { return found_.spans.size() >= most_; }

  void want(const context::TraceId& trace) {
    if (known_.size() >= kMostTraces) {
      found_.is_cut = true;
    } else if (known_.insert(trace.bytes).second) {
      wanted_.push_back(trace);
    }
  }

  Expected<void> look_at(const context::TraceId& trace) {
    auto own = store_.spans_of(trace, most_ - found_.spans.size() + 1);
    if (!own) return own.error();
    for (const evidence::Span& span : *own)
      for (const evidence::Link& link : span.links) want(link.trace_id);
    take(std::move(*own));
    const auto linking = store_.spans_linking_to(trace, most_);
    if (!linking) return linking.error();
    for (const evidence::Span& span : *linking) want(span.trace_id);
    return {};
  }

  void take(std::vector<evidence::Span> spans) {
    for (evidence::Span& span : spans) {
      if (is_full()) break;
      found_.spans.push_back(std::move(span));
    }
  }

  store::Store& store_;
  const std::size_t most_;
  LinkedSpans found_;
  std::set<std::array<std::uint8_t, 16>> known_;
  std::deque<context::TraceId> wanted_;
};

}  // namespace

Expected<LinkedSpans> find_linked_spans(store::Store& store, const context::TraceId& trace,
                                        std::size_t most) {
  return Search{store, most}.run(trace);
}

}  // namespace waybill::server
