#include "waybill/server/flow_minutes.h"

#include <algorithm>
#include <optional>

namespace waybill::server {
namespace {

using analysis::FlowCounts;
using analysis::FlowKey;
using analysis::SpanRef;
using evidence::Operation;
using evidence::Span;

constexpr std::int64_t kMinute = 60'000'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kMostSpansOfATrace = 2'000;
// So far back minutes stay apart; what is older is kept in pieces of so much.
constexpr std::int64_t kFine = 180 * kMinute;
constexpr std::int64_t kCoarse = 15 * kMinute;
constexpr std::int64_t kMostAhead = 10 * kMinute;  // a clock may be ahead of ours

std::int64_t minute_of(std::int64_t time_ns) { return time_ns - time_ns % kMinute; }

bool is_send(const FlowKey& key) {
  return key.operation == Operation::kSend || key.operation == Operation::kCreate;
}

// Of one message the context that came with it; of a batch nothing: each of its messages has a way of its
// own.
std::optional<SpanRef> sent_in(const Span& consumed) {
  if (consumed.links.size() == 1) return analysis::ref_of(consumed.links.front());
  if (!consumed.links.empty() || !consumed.parent_id.valid()) return std::nullopt;
  return analysis::parent_of(consumed);
}

Span times_of(const Span& span) {
  Span times;
  times.start_ns = span.start_ns;
  times.end_ns = span.end_ns;
  times.operation = span.operation;
  times.age_ms = span.age_ms;
  times.adjusted_count = span.adjusted_count;
  times.messages = span.messages;
  return times;
}

}  // namespace

FlowMinutes::FlowMinutes(store::Store& store, Limits limits) : store_{store}, limits_{limits} {}

void FlowMinutes::add(const std::vector<Span>& spans, std::int64_t now_ns) {
  const std::lock_guard lock{mutex_};
  for (const Span& span : spans) {
    // Many sends stand for nothing by themselves (those of a batch), but somebody may consume them.
    if (span.operation == Operation::kSend || span.operation == Operation::kCreate) remember(span);
    const std::optional<FlowKey> key = analysis::flow_key_of(span);
    const bool is_in_time = span.start_ns >= now_ns - limits_.kept_ns && span.start_ns <= now_ns + kMostAhead;
    if (!key || !is_in_time) continue;
    const std::int64_t minute = minute_of(span.start_ns);
    FlowCounts* counts = counts_of(minute, *key);
    if (counts == nullptr) continue;
    counts->count(span);
    if (!is_send(*key)) join(span, *key, minute);
  }
  if (now_ns - looked_up_ns_ >= kSecond) {
    looked_up_ns_ = now_ns;
    forget_old(now_ns);
  }
}

FlowCounts* FlowMinutes::counts_of(std::int64_t minute, const FlowKey& key) {
  Minute& counts = minutes_[minute];
  const auto found = counts.find(key);
  if (found != counts.end()) return &found->second;
  if (counts.size() >= limits_.keys) return nullptr;
  return &counts[key];
}

void FlowMinutes::remember(const Span& sent) {
  const SpanRef ref = analysis::ref_of(sent);
  if (sends_.emplace(ref, Times{sent.start_ns, sent.end_ns}).second) sends_in_order_.push_back(ref);
  while (sends_in_order_.size() > limits_.sends) {
    sends_.erase(sends_in_order_.front());
    sends_in_order_.pop_front();
  }
  const auto [begin, end] = waiting_.equal_range(ref);
  for (auto one = begin; one != end; ++one)
    count_way({sent.start_ns, sent.end_ns}, one->second.span, one->second.minute, one->second.key);
  waiting_.erase(begin, end);
}

void FlowMinutes::join(const Span& consumed, const FlowKey& key, std::int64_t minute) {
  const std::optional<SpanRef> sent = sent_in(consumed);
  if (!sent) return;
  if (const auto found = sends_.find(*sent); found != sends_.end())
    return count_way(found->second, consumed, minute, key);
  waiting_.emplace(*sent, Consumption{key, minute, times_of(consumed)});
  waiting_in_order_.push_back(*sent);
  if (not_looked_up_.size() < limits_.look_ups) not_looked_up_.push_back(*sent);
  while (waiting_in_order_.size() > limits_.waiting) {
    waiting_.erase(waiting_in_order_.front());
    waiting_in_order_.pop_front();
  }
}

void FlowMinutes::count_way(const Times& sent, const Span& consumed, std::int64_t minute,
                            const FlowKey& key) {
  Span send;
  send.start_ns = sent.start_ns;
  send.end_ns = sent.end_ns;
  if (FlowCounts* counts = counts_of(minute, key)) counts->count_way(send, consumed);
}

void FlowMinutes::look_up(std::size_t most) {
  for (; most > 0; --most) {
    SpanRef ref;
    {
      const std::lock_guard lock{mutex_};
      if (not_looked_up_.empty()) return;
      ref = not_looked_up_.front();
      not_looked_up_.pop_front();
    }
    const auto spans = store_.spans_of(ref.trace_id, kMostSpansOfATrace);
    if (!spans) return;
    const auto sent = std::find_if(spans->begin(), spans->end(),
                                   [&](const Span& span) { return span.span_id == ref.span_id; });
    const std::lock_guard lock{mutex_};
    if (sent != spans->end()) remember(*sent);
  }
}

// Minutes that are a few hours old become one with their neighbours: a day of minutes would take too much
// memory.
void FlowMinutes::forget_old(std::int64_t now_ns) {
  while (!minutes_.empty() && minutes_.begin()->first < now_ns - limits_.kept_ns)
    minutes_.erase(minutes_.begin());
  const std::int64_t fine_from = now_ns - kFine;
  for (auto minute = minutes_.begin(); minute != minutes_.end() && minute->first < fine_from;) {
    const std::int64_t begin = minute->first - minute->first % kCoarse;
    if (begin == minute->first || begin + kCoarse > fine_from) {
      ++minute;
      continue;
    }
    Minute& coarse = minutes_[begin];
    for (const auto& [key, counts] : minute->second) coarse[key].merge(counts);
    minute = minutes_.erase(minute);
  }
}

store::Window FlowMinutes::whole_minutes(const store::Window& window, std::int64_t now_ns) {
  const std::int64_t end_ns = minute_of(window.to_ns + kMinute - 1);
  return {minute_of(window.from_ns), std::max(window.to_ns, std::min(end_ns, now_ns))};
}

std::vector<std::pair<FlowKey, FlowCounts>> FlowMinutes::counts(const store::Window& window) const {
  Minute all;
  const std::lock_guard lock{mutex_};
  for (auto minute = minutes_.lower_bound(minute_of(window.from_ns));
       minute != minutes_.end() && minute->first <= window.to_ns; ++minute)
    for (const auto& [key, counts] : minute->second) all[key].merge(counts);
  return {all.begin(), all.end()};
}

store::Window FlowMinutes::minutes_of(const store::Window& window) {
  return {minute_of(window.from_ns), minute_of(window.to_ns)};
}

std::set<std::string> FlowMinutes::groups_of(const std::string& topic, const store::Window& window) const {
  std::set<std::string> groups;
  const store::Window within = minutes_of(window);
  const std::lock_guard lock{mutex_};
  for (auto minute = minutes_.lower_bound(within.from_ns);
       minute != minutes_.end() && minute->first <= within.to_ns; ++minute)
    for (const auto& [key, counts] : minute->second)
      if (key.topic == topic && !key.group.empty()) groups.insert(key.group);
  return groups;
}

std::vector<FlowMinutes::Step> FlowMinutes::steps(const store::Window& window, std::size_t most) const {
  const std::int64_t from_ns = minute_of(window.from_ns);
  const auto minutes = static_cast<std::size_t>((window.to_ns - from_ns) / kMinute + 1);
  const auto minutes_in_a_step = static_cast<std::int64_t>((minutes + most - 1) / most);
  std::vector<Step> all;
  for (std::int64_t begin = from_ns; begin <= window.to_ns; begin += minutes_in_a_step * kMinute) {
    const std::int64_t end = begin + minutes_in_a_step * kMinute;
    all.push_back({begin, end, counts({begin, end - 1})});
  }
  return all;
}

void FlowMinutes::rebuild(std::int64_t now_ns, std::size_t most) {
  store::SpanQuery query;
  query.window = {now_ns - limits_.kept_ns, now_ns};
  query.most = 5'000;
  for (std::size_t read = 0; read < most;) {
    const auto found = store_.search(query);
    if (!found || found->spans.empty()) return;
    add(found->spans, now_ns);
    read += found->spans.size();
    query.before = found->next;
  }
}

std::int64_t FlowMinutes::begins_ns() const {
  const std::lock_guard lock{mutex_};
  return minutes_.empty() ? 0 : minutes_.begin()->first;
}

}  // namespace waybill::server
