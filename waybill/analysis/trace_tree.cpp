#include "waybill/analysis/trace_tree.h"

#include <algorithm>
#include <unordered_map>

#include "waybill/analysis/internal/span_text.h"
#include "waybill/analysis/span_ref.h"

namespace waybill::analysis {
namespace {

using evidence::Span;

constexpr std::size_t kMostMissing = 100;

class TreeBuilder {
 public:
  TreeBuilder(std::span<const Span> spans, const context::TraceId& trace)
      : spans_(spans),
        trace_(trace),
        children_(spans.size()),
        linked_by_(spans.size()),
        is_laid_(spans.size()) {
    for (std::size_t index = 0; index < spans.size(); ++index) {
      if (by_ref_.emplace(ref_of(spans[index]), index).second) order_.push_back(index);
    }
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t left, std::size_t right) {
      return spans_[left].start_ns < spans_[right].start_ns;
    });
  }

  TraceTree build() {
    for (const std::size_t index : order_) place(index);
    for (const bool is_asked : {true, false}) {
      for (const std::size_t root : roots_) {
        if ((spans_[root].trace_id == trace_) == is_asked) lay_out_below(root);
      }
    }
    lay_out_rings();
    measure();
    return std::move(tree_);
  }

 private:
  // In the order of starts, so children and roots are in that order, too.
  void place(std::size_t index) {
    for (const evidence::Link& link : spans_[index].links) {
      if (const auto linked = find(ref_of(link))) linked_by_[*linked].push_back(index);
    }
    if (const auto above = above_of(index)) {
      children_[*above].push_back(index);
    } else {
      roots_.push_back(index);
    }
  }

  std::optional<std::size_t> above_of(std::size_t index) {
    const Span& span = spans_[index];
    if (span.parent_id.valid()) {
      if (const auto parent = find(parent_of(span))) return parent;
      say("nobody has seen the parent " + text_of(span.parent_id) + " of " + text_of(span));
    }
    for (const evidence::Link& link : span.links) {
      const auto linked = find(ref_of(link));
      if (linked && *linked != index) return linked;
    }
    return std::nullopt;
  }

  std::optional<std::size_t> find(const SpanRef& ref) const {
    const auto found = by_ref_.find(ref);
    return found == by_ref_.end() ? std::nullopt : std::optional(found->second);
  }

  void lay_out_below(std::size_t root) {
    struct Open {
      std::size_t index;
      int depth;
    };
    std::vector<Open> open = {{root, 0}};
    while (!open.empty()) {
      const Open next = open.back();
      open.pop_back();
      if (is_laid_[next.index]) continue;
      is_laid_[next.index] = true;
      tree_.rows.push_back(row_of(next.index, next.depth));
      const auto& children = children_[next.index];
      for (auto child = children.rbegin(); child != children.rend(); ++child)
        open.push_back({*child, next.depth + 1});
    }
  }

  TreeRow row_of(std::size_t index, int depth) const {
    TreeRow row{.span = index, .depth = depth, .links = {}, .linked_by = linked_by_[index]};
    for (const evidence::Link& link : spans_[index].links) row.links.push_back(find(ref_of(link)));
    return row;
  }

  // What hangs below no root hangs below itself.
  void lay_out_rings() {
    for (const std::size_t index : order_) {
      if (is_laid_[index]) continue;
      say(text_of(spans_[index]) + " is above itself");
      lay_out_below(index);
    }
  }

  void measure() {
    if (order_.empty()) return;
    tree_.start_ns = spans_[order_.front()].start_ns;
    tree_.end_ns = tree_.start_ns;
    for (const std::size_t index : order_) tree_.end_ns = std::max(tree_.end_ns, spans_[index].end_ns);
  }

  void say(std::string missing) {
    if (tree_.missing.size() < kMostMissing) tree_.missing.push_back(std::move(missing));
  }

  std::span<const Span> spans_;
  const context::TraceId& trace_;
  std::unordered_map<SpanRef, std::size_t, SpanRefHash> by_ref_;
  std::vector<std::size_t> order_;  // each span once, by its start
  std::vector<std::size_t> roots_;
  std::vector<std::vector<std::size_t>> children_;
  std::vector<std::vector<std::size_t>> linked_by_;
  std::vector<bool> is_laid_;
  TraceTree tree_;
};

}  // namespace

TraceTree lay_out(std::span<const Span> spans, const context::TraceId& trace) {
  return TreeBuilder(spans, trace).build();
}

}  // namespace waybill::analysis
