#include "waybill/exporters/console_tree.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "waybill/exporters/console_lines.h"
#include "waybill/exporters/span_text.h"

namespace waybill::exporters {
namespace {

// Below this a tree grows to the right no more: a long chain would have lines without end.
constexpr std::size_t kDeepest = 24;

struct Node {
  const telemetry::Resource* resource = nullptr;
  const telemetry::Span* span = nullptr;
  std::vector<std::size_t> children = {};
  bool has_parent = false;  // in this tree
  bool written = false;
};

std::uint64_t number_of(const context::SpanId& id) {
  std::uint64_t number = 0;
  std::memcpy(&number, id.bytes.data(), sizeof number);
  return number;
}

// The spans of one trace.
class Tree {
 public:
  void add(const telemetry::Resource& resource, const telemetry::Span& span) {
    nodes_.push_back({&resource, &span});
  }
  std::string text(ConsoleStyle style);

 private:
  // A span that is to be written, and what stands in front of it and of those below it.
  struct Next {
    std::size_t node;
    std::size_t depth;
    std::string branch;
    std::string below;
  };

  void join();
  std::string headline(ConsoleStyle style) const;
  void write_from(std::size_t root, ConsoleStyle style, std::string& text);
  void push_children(const Next& of, std::vector<Next>& stack) const;
  std::string line(const Next& next, ConsoleStyle style) const;

  std::vector<Node> nodes_;
};

std::string Tree::text(ConsoleStyle style) {
  if (nodes_.size() == 1) return console_line(*nodes_[0].resource, *nodes_[0].span, style);
  std::stable_sort(nodes_.begin(), nodes_.end(), [](const Node& left, const Node& right) {
    return left.span->start_unix_ns < right.span->start_unix_ns;
  });
  join();
  std::string text = headline(style);
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    if (!nodes_[node].has_parent) write_from(node, style, text);
  }
  // Spans that are each other's parents are no tree, but they are spans.
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    if (!nodes_[node].written) write_from(node, style, text);
  }
  return text;
}

void Tree::join() {
  absl::flat_hash_map<std::uint64_t, std::size_t> by_id;
  for (std::size_t node = 0; node < nodes_.size(); ++node)
    by_id.emplace(number_of(nodes_[node].span->context.span_id), node);
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    const auto parent = by_id.find(number_of(nodes_[node].span->parent_span_id));
    if (parent == by_id.end() || parent->second == node) continue;
    nodes_[parent->second].children.push_back(node);
    nodes_[node].has_parent = true;
  }
}

std::string Tree::headline(ConsoleStyle style) const {
  std::uint64_t end_ns = 0;
  for (const Node& node : nodes_) end_ns = std::max(end_ns, node.span->end_unix_ns);
  const telemetry::Span& first = *nodes_.front().span;
  const std::uint64_t length = end_ns > first.start_unix_ns ? end_ns - first.start_unix_ns : 0;
  return time_of_day(first.start_unix_ns) + " trace " + emphasised(hex_text(first.context.trace_id), style) +
         " " + std::to_string(nodes_.size()) + " spans " + milliseconds(length) + "\n";
}

// A stack instead of a recursion: a chain may be as long as a delivery.
void Tree::write_from(std::size_t root, ConsoleStyle style, std::string& text) {
  std::vector<Next> stack{{root, 0, "  ", "  "}};
  while (!stack.empty()) {
    const Next next = std::move(stack.back());
    stack.pop_back();
    if (nodes_[next.node].written) continue;
    nodes_[next.node].written = true;
    text += line(next, style);
    push_children(next, stack);
  }
}

void Tree::push_children(const Next& of, std::vector<Next>& stack) const {
  const std::vector<std::size_t>& children = nodes_[of.node].children;
  const bool grows = of.depth < kDeepest;
  for (std::size_t left = children.size(); left > 0; --left) {
    const bool last = left == children.size();
    stack.push_back({children[left - 1], of.depth + 1, of.below + (last ? "└─ " : "├─ "),
                     grows ? of.below + (last ? "   " : "│  ") : of.below});
  }
}

std::string Tree::line(const Next& next, ConsoleStyle style) const {
  const Node& node = nodes_[next.node];
  const telemetry::Span& span = *node.span;
  std::string ids = " span=" + hex_text(span.context.span_id);
  if (!node.has_parent && span.parent_span_id.valid()) ids += " parent=" + hex_text(span.parent_span_id);
  if (!span.links.empty()) ids += " links=" + std::to_string(span.links.size());
  return next.branch + escaped(service_name(*node.resource)) + " " +
         emphasised(escaped(span.shape->name), style) + " +" +
         milliseconds(span.start_unix_ns - nodes_.front().span->start_unix_ns) + ", " +
         milliseconds(duration_ns(span)) + place_of(span) + dimmed(ids, style) + failure_of(span, style) +
         "\n";
}

}  // namespace

std::string console_tree(Batches batches, ConsoleStyle style) {
  absl::flat_hash_map<std::string, std::size_t> by_trace;
  std::vector<Tree> trees;
  for (const auto& batch : batches) {
    for (const telemetry::Span& span : batch->spans) {
      const auto [known, is_new] = by_trace.emplace(hex_text(span.context.trace_id), trees.size());
      if (is_new) trees.emplace_back();
      trees[known->second].add(*batch->resource, span);
    }
  }
  std::string text;
  for (Tree& tree : trees) text += tree.text(style);
  return text;
}

}  // namespace waybill::exporters
