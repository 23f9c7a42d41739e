#include "waybill/analysis/critical_path.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "waybill/analysis/internal/delivered.h"
#include "waybill/analysis/internal/span_index.h"
#include "waybill/analysis/internal/span_text.h"

namespace waybill::analysis {
namespace {

using evidence::Operation;
using evidence::Span;

constexpr std::size_t kMostMissing = 100;
constexpr int kMostNested = 500;

PathPart part_of(const Span& span) {
  switch (span.operation) {
    case Operation::kProcess:
      return PathPart::kProcessing;
    case Operation::kReceive:
      return PathPart::kWait;
    case Operation::kCreate:
    case Operation::kSend:
      return PathPart::kBroker;
    default:
      return PathPart::kOther;
  }
}

// Goes from the end back to the begin. The cursor only ever moves back, and each segment ends at it: so they
// cover the time without a gap, whatever the clocks say.
class PathFinder {
 public:
  PathFinder(std::span<const Span> spans, const context::TraceId& trace) : index_(spans), trace_(trace) {
    for (const Span* span : index_.all()) {
      for (const evidence::Link& link : span->links) linked_by_[ref_of(link)].push_back(span);
    }
  }

  CriticalPath find() {
    const Span* span = last_work();
    if (span == nullptr) return {};
    cursor_ = span->end_ns;
    while (span != nullptr) {
      if (!visited_.insert(ref_of(*span)).second) {
        say(text_of(*span) + " follows from itself");
        break;
      }
      span = follow_back(*span);
    }
    std::reverse(path_.segments.begin(), path_.segments.end());
    return std::move(path_);
  }

 private:
  // ── Where it ends ──

  const Span* last_work() const {
    const Span* last = nullptr;
    for (const Span* span : all_that_follows()) {
      const bool is_aside =
          span->operation == Operation::kSettle || span->operation == Operation::kTransaction;
      if (is_aside) continue;
      if (last == nullptr || span->end_ns > last->end_ns) last = span;
    }
    return last;
  }

  std::vector<const Span*> all_that_follows() const {
    std::vector<const Span*> all;
    std::unordered_set<SpanRef, SpanRefHash> seen;
    const auto take = [&](const Span* span) {
      if (seen.insert(ref_of(*span)).second) all.push_back(span);
    };
    for (const Span* span : index_.all()) {
      if (span->trace_id == trace_) take(span);
    }
    for (std::size_t next = 0; next < all.size(); ++next) {
      const SpanRef ref = ref_of(*all[next]);
      for (const Span* child : index_.children_of(ref)) take(child);
      const auto linked = linked_by_.find(ref);
      if (linked == linked_by_.end()) continue;
      for (const Span* span : linked->second) {
        if (is_consumer(*span)) take(span);
      }
    }
    return all;
  }

  // ── One step back ──

  const Span* follow_back(const Span& span) {
    if (is_producer(span)) {
      emit_send(span);
      return follow_to_parent(span);
    }
    const Span* sent = is_consumer(span) ? last_sent(span) : nullptr;
    if (sent == nullptr) {
      emit_work(span, 0);
      return follow_to_parent(span);
    }
    if (span.operation == Operation::kProcess) {
      emit_work(span, 0);
      wait_since_poll(span, *sent);
    }
    emit(PathPart::kLog, sent->end_ns, *sent, "in the log of " + topic_of(span, *sent));
    if (sent->start_ns > cursor_) say_clocks_disagree(*sent, span);
    return sent;
  }

  const Span* follow_to_parent(const Span& span) {
    if (!span.parent_id.valid()) return nullptr;
    const Span* parent = index_.find(parent_of(span));
    if (parent == nullptr) {
      say("nobody has seen the parent " + text_of(span.parent_id) + " of " + text_of(span));
      return nullptr;
    }
    if (parent->start_ns > cursor_) say_clocks_disagree(*parent, span);
    emit(PathPart::kWait, parent->end_ns, span, "between " + text_of(*parent) + " and " + text_of(span));
    return parent;
  }

  // Of the messages that a consumer got, the send that was answered last; where sends have no spans, the work
  // that sent.
  const Span* last_sent(const Span& consumer) {
    const Span* last = nullptr;
    bool is_any_missing = false;
    const auto take = [&](const SpanRef& ref) {
      const Span* sent = index_.find(ref);
      is_any_missing |= sent == nullptr;
      if (sent == nullptr || sent == &consumer) return;
      if (last == nullptr || sent->end_ns > last->end_ns) last = sent;
    };
    for (const evidence::Link& link : consumer.links) take(ref_of(link));
    if (consumer.links.empty() && consumer.parent_id.valid()) take(parent_of(consumer));
    if (is_any_missing) say("nobody has seen the send of a message of " + text_of(consumer));
    return last;
  }

  // A poll hands a message over when it returns; until its processing begins, it waits behind others.
  void wait_since_poll(const Span& process, const Span& sent) {
    const auto linked = linked_by_.find(ref_of(sent));
    if (linked == linked_by_.end()) return;
    for (const Span* poll : linked->second) {
      const bool is_its_poll = poll->operation == Operation::kReceive && poll->service == process.service &&
                               poll->instance == process.instance && poll->group == process.group;
      if (is_its_poll && poll->end_ns <= process.start_ns) {
        emit(PathPart::kWait, poll->end_ns, process, "handed over, and not begun by " + process.service);
        return;
      }
    }
  }

  // ── What a span did until the cursor ──

  void emit_send(const Span& send) {
    const std::string topic = topic_of(send, send);
    if (!send.queue_ms || send.end_ns < send.start_ns) {
      emit(PathPart::kBroker, send.start_ns, send, "until the answer of a broker of " + topic);
      return;
    }
    const double queue_ns =
        std::clamp(*send.queue_ms * 1e6, 0.0, static_cast<double>(send.end_ns - send.start_ns));
    emit(PathPart::kBroker, send.start_ns + static_cast<std::int64_t>(queue_ns), send,
         "until the answer of a broker of " + topic);
    emit(PathPart::kClientQueue, send.start_ns, send, "in the client of " + send.service);
  }

  // A span's own time, but for its children that ended before the cursor: the last of these first. Who sends
  // does not wait for the answer, so sends are no part of it.
  void emit_work(const Span& span, int nested) {
    std::vector<const Span*> children = parts_of(span);
    for (const Span* child : children) {
      const bool is_in_time =
          child->end_ns <= cursor_ && child->end_ns > span.start_ns && child->start_ns < child->end_ns;
      if (!is_in_time || nested >= kMostNested || !visited_.insert(ref_of(*child)).second) continue;
      emit(part_of(span), child->end_ns, span, text_of(span));
      emit_work(*child, nested + 1);
    }
    emit(part_of(span), span.start_ns, span, text_of(span));
  }

  std::vector<const Span*> parts_of(const Span& span) const {
    std::vector<const Span*> parts;
    for (const Span* child : index_.children_of(ref_of(span))) {
      const bool is_consumer_of_it = is_producer(span) && is_consumer(*child);
      if (!is_producer(*child) && !is_consumer_of_it) parts.push_back(child);
    }
    std::stable_sort(parts.begin(), parts.end(),
                     [](const Span* left, const Span* right) { return left->end_ns > right->end_ns; });
    return parts;
  }

  void emit(PathPart part, std::int64_t from_ns, const Span& span, const std::string& text) {
    if (from_ns >= cursor_) return;
    path_.segments.push_back(
        {.part = part, .from_ns = from_ns, .to_ns = cursor_, .span = ref_of(span), .text = text});
    cursor_ = from_ns;
  }

  static std::string topic_of(const Span& span, const Span& other) {
    if (!span.place.topic.empty()) return span.place.topic;
    return other.place.topic.empty() ? "a topic" : other.place.topic;
  }

  void say_clocks_disagree(const Span& cause, const Span& effect) {
    say("clocks disagree: " + text_of(cause) + " begins after " + text_of(effect) +
        ", which follows from it");
  }

  void say(std::string missing) {
    if (path_.missing.size() < kMostMissing) path_.missing.push_back(std::move(missing));
  }

  const SpanIndex index_;
  const context::TraceId& trace_;
  std::unordered_map<SpanRef, std::vector<const Span*>, SpanRefHash> linked_by_;
  std::unordered_set<SpanRef, SpanRefHash> visited_;
  std::int64_t cursor_ = 0;
  CriticalPath path_;  // its last segment first
};

}  // namespace

CriticalPath find_critical_path(std::span<const Span> spans, const context::TraceId& trace) {
  return PathFinder(spans, trace).find();
}

std::string_view name_of(PathPart part) {
  switch (part) {
    case PathPart::kProcessing:
      return "processing";
    case PathPart::kClientQueue:
      return "client_queue";
    case PathPart::kBroker:
      return "broker";
    case PathPart::kLog:
      return "log";
    case PathPart::kWait:
      return "wait";
    case PathPart::kOther:
      return "other";
  }
  return "other";
}

}  // namespace waybill::analysis
