#include "waybill/analysis/message_way.h"

#include <algorithm>
#include <unordered_map>

#include "waybill/analysis/internal/judge.h"
#include "waybill/analysis/internal/lineage.h"
#include "waybill/analysis/internal/message_facts.h"

namespace waybill::analysis {
namespace {

using evidence::Span;

using ErrorTexts = std::unordered_map<SpanRef, std::string, SpanRefHash>;

ErrorTexts texts_of_errors(const std::vector<evidence::LogRecord>& records) {
  ErrorTexts texts;
  for (const evidence::LogRecord& record : records)
    texts.emplace(SpanRef{record.trace_id, record.span_id}, record.text);
  return texts;
}

std::string text_at(const ErrorTexts& texts, const Span& span) {
  const auto found = texts.find(ref_of(span));
  return found == texts.end() ? "" : found->second;
}

Produced describe_send(const SendFacts& send, const ErrorTexts& texts) {
  const Span& span = *send.span;
  Produced produced{.service = span.service,
                    .instance = span.instance,
                    .client_id = span.client_id,
                    .acks = span.acks,
                    .start_ns = span.start_ns,
                    .end_ns = span.end_ns,
                    .queue_ms = span.queue_ms,
                    .broker_ms = span.broker_ms,
                    .persistence = span.persistence,
                    .error = span.failed && span.error_type.empty() ? "_OTHER" : span.error_type,
                    .error_text = text_at(texts, span),
                    .transaction = "",
                    .unfinished = span.unfinished,
                    .span = ref_of(span)};
  if (send.transaction != nullptr) {
    produced.transaction = send.transaction->outcome.empty() ? "unknown" : send.transaction->outcome;
  }
  return produced;
}

StepKind kind_of(const Span& span) {
  if (span.operation == evidence::Operation::kSettle) return StepKind::kCommitted;
  if (span.operation == evidence::Operation::kReceive) return StepKind::kReceived;
  if (span.unfinished) return StepKind::kProcessing;
  return span.failed ? StepKind::kFailed : StepKind::kProcessed;
}

Step describe_step(const Span& span, const ErrorTexts& texts) {
  Step step{.kind = kind_of(span),
            .service = span.service,
            .instance = span.instance,
            .client_id = span.client_id,
            .start_ns = span.start_ns,
            .end_ns = span.end_ns,
            .error = span.failed && span.error_type.empty() ? "_OTHER" : span.error_type,
            .error_text = text_at(texts, span),
            .span = ref_of(span)};
  if (span.unfinished) step.end_ns.reset();
  return step;
}

std::vector<Step> describe_steps(const GroupFacts& group, const ErrorTexts& texts) {
  std::vector<Step> steps;
  for (const auto* spans : {&group.receives, &group.processes, &group.settles}) {
    for (const Span* span : *spans) steps.push_back(describe_step(*span, texts));
  }
  std::stable_sort(steps.begin(), steps.end(),
                   [](const Step& left, const Step& right) { return left.start_ns < right.start_ns; });
  return steps;
}

double ms_between(std::int64_t from_ns, std::int64_t to_ns) {
  return to_ns <= from_ns ? 0 : static_cast<double>(to_ns - from_ns) / 1e6;
}

// A poll hands over when it returns, processing begins with it.
std::optional<std::int64_t> handed_over_ns(const GroupFacts& group) {
  std::optional<std::int64_t> first;
  for (const Span* span : group.receives) first = std::min(first.value_or(span->end_ns), span->end_ns);
  for (const Span* span : group.processes) first = std::min(first.value_or(span->start_ns), span->start_ns);
  return first;
}

std::optional<double> waited_ms(const GroupFacts& group, const SendFacts& send) {
  const auto handed_over = handed_over_ns(group);
  if (!handed_over || send.span == nullptr || send.span->unfinished) return std::nullopt;
  return ms_between(send.span->end_ns, *handed_over);
}

std::optional<double> end_to_end_ms(const GroupFacts& group, const SendFacts& send) {
  if (send.span == nullptr) return std::nullopt;
  std::optional<std::int64_t> first_good;
  for (const Span* span : group.processes) {
    if (span->failed || span->unfinished) continue;
    first_good = std::min(first_good.value_or(span->end_ns), span->end_ns);
  }
  if (!first_good) return std::nullopt;
  return ms_between(send.span->start_ns, *first_good);
}

GroupWay describe_group(const MessageFacts& facts, const GroupFacts& group, const Verdict& fate,
                        const ErrorTexts& texts) {
  GroupWay way{.group = group.group,
               .verdict = judge_group(facts, group, fate),
               .waited_ms = waited_ms(group, facts.send),
               .end_to_end_ms = end_to_end_ms(group, facts.send),
               .committed = std::nullopt,
               .steps = describe_steps(group, texts)};
  if (group.committed) way.committed = group.committed->offset;
  return way;
}

SpanRef context_of_message(const MessageFacts& facts) {
  if (facts.send.span != nullptr) return ref_of(*facts.send.span);
  return facts.contexts.empty() ? SpanRef{} : facts.contexts.front();
}

Verdict judge_whole(const Verdict& fate, const std::vector<GroupWay>& groups) {
  std::vector<NamedVerdict> verdicts;
  verdicts.reserve(groups.size());
  for (const GroupWay& group : groups) verdicts.push_back({.group = group.group, .verdict = &group.verdict});
  return judge_message(fate, verdicts);
}

}  // namespace

MessageWay explain(const MessageEvidence& evidence) {
  const SpanIndex index(evidence.spans);
  const MessageFacts facts = gather_facts(evidence, index);
  const ErrorTexts texts = texts_of_errors(evidence.log_records);
  const Verdict fate = judge_send(facts);
  MessageWay way{.message = {.place = facts.place, .key = facts.key, .context = context_of_message(facts)},
                 .verdict = {},
                 .produced = std::nullopt,
                 .log = facts.log,
                 .presence = evidence.presence,
                 .groups = {},
                 .came_from = find_origins(facts, index),
                 .led_to = find_results(facts, index)};
  if (facts.send.span != nullptr) way.produced = describe_send(facts.send, texts);
  for (const GroupFacts& group : facts.groups)
    way.groups.push_back(describe_group(facts, group, fate, texts));
  way.verdict = judge_whole(fate, way.groups);
  return way;
}

std::string_view name_of(StepKind kind) {
  switch (kind) {
    case StepKind::kReceived:
      return "received";
    case StepKind::kProcessing:
      return "processing";
    case StepKind::kProcessed:
      return "processed";
    case StepKind::kFailed:
      return "failed";
    case StepKind::kCommitted:
      return "committed";
  }
  return "received";
}

}  // namespace waybill::analysis
