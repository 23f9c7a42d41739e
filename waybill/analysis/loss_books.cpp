#include "waybill/analysis/loss_books.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "waybill/analysis/internal/send_error.h"

namespace waybill::analysis {
namespace {

using evidence::Persistence;

// What is no number of messages counts for nothing.
double sound(double messages) { return std::isfinite(messages) && messages > 0 ? messages : 0; }

// ── What was produced ──

// Messages of one topic and one error, by how they ended.
struct Ends {
  double acknowledged = 0;
  double rejected = 0;
  double refused = 0;
  double possibly_persisted = 0;

  double sum() const { return acknowledged + rejected + refused + possibly_persisted; }
};

void add(Ends& ends, SendEnd end, double messages) {
  switch (end) {
    case SendEnd::kAcknowledged:
      ends.acknowledged += messages;
      break;
    case SendEnd::kRejected:
      ends.rejected += messages;
      break;
    case SendEnd::kRefused:
      ends.refused += messages;
      break;
    case SendEnd::kPossiblyPersisted:
      ends.possibly_persisted += messages;
      break;
  }
}

void add(Ends& ends, const Ends& others, double scale) {
  ends.acknowledged += others.acknowledged * scale;
  ends.rejected += others.rejected * scale;
  ends.refused += others.refused * scale;
  ends.possibly_persisted += others.possibly_persisted * scale;
}

struct ErrorSends {
  double metrics = 0;
  bool has_metrics = false;
  Ends spans;
};

// By error; none: acknowledged.
using TopicSends = std::map<std::string, ErrorSends>;

std::map<std::string, TopicSends> sort_sends(const std::vector<SendTally>& tallies) {
  std::map<std::string, TopicSends> topics;
  for (const SendTally& tally : tallies) {
    ErrorSends& sends = topics[tally.topic][tally.error];
    const double messages = sound(tally.messages);
    if (tally.from_metrics) {
      sends.metrics += messages;
      sends.has_metrics = true;
    } else {
      add(sends.spans, fate_of_send(tally.error, tally.persistence).end, messages);
    }
  }
  return topics;
}

// Metrics count everything, spans know how it ended.
Ends ends_of(const std::string& error, const ErrorSends& sends) {
  if (!sends.has_metrics) return sends.spans;
  Ends ends;
  if (!error.empty() && sends.spans.sum() > 0) {
    add(ends, sends.spans, sends.metrics / sends.spans.sum());
  } else {
    add(ends, fate_of_send(error, Persistence::kUnknown).end, sends.metrics);
  }
  return ends;
}

bool has_metrics(const TopicSends& sends) {
  return std::any_of(sends.begin(), sends.end(), [](const auto& one) { return one.second.has_metrics; });
}

ProducedBooks balance_produced(const TopicSends& sends, std::optional<double> in_flight) {
  ProducedBooks books;
  const bool only_metrics_count = has_metrics(sends);
  for (const auto& [error, one] : sends) {
    // Refused at once, with a full queue, is what metrics of most clients do not see; only spans tell.
    const bool is_seen_by_spans_only = only_metrics_count && !one.has_metrics;
    const Ends ends = ends_of(error, one);
    if (is_seen_by_spans_only && ends.rejected <= 0) continue;
    books.acknowledged += ends.acknowledged;
    books.rejected += ends.rejected;
    books.failed += ends.refused;
    books.possibly_persisted += ends.possibly_persisted;
    if (!error.empty()) books.errors.push_back({.error = error, .messages = ends.sum()});
  }
  std::stable_sort(
      books.errors.begin(), books.errors.end(),
      [](const ErrorCount& left, const ErrorCount& right) { return left.messages > right.messages; });
  if (in_flight) books.in_flight = sound(*in_flight);
  books.attempted = books.acknowledged + books.rejected + books.failed + books.possibly_persisted +
                    books.in_flight.value_or(0);
  return books;
}

// ── What groups did with it ──

double messages_of(const NamedLoss& loss) {
  if (!loss.last_offset || loss.message.place.offset < 0) return 1;
  return static_cast<double>(std::max<std::int64_t>(*loss.last_offset - loss.message.place.offset, 0)) + 1;
}

struct LostAndSkipped {
  double lost = 0;
  double skipped = 0;
};

// What is lost for everybody is lost for the group, too.
LostAndSkipped named_of(const std::vector<NamedLoss>& named, const std::string& topic,
                        const std::string& group) {
  LostAndSkipped sums;
  for (const NamedLoss& loss : named) {
    const bool is_its = loss.group.empty() || loss.group == group;
    if (loss.message.place.topic != topic || !is_its) continue;
    switch (loss.verdict.state) {
      case State::kSkipped:
      case State::kAborted:
        sums.skipped += messages_of(loss);
        break;
      case State::kLostByBroker:
      case State::kExpired:
      case State::kCommittedBeforeProcessing:
        sums.lost += messages_of(loss);
        break;
      default:
        break;
    }
  }
  return sums;
}

double take(double wanted, double& rest) {
  const double taken = std::min(sound(wanted), rest);
  rest -= taken;
  return taken;
}

GroupBooks balance_group(const GroupTally& tally, double acknowledged, const LostAndSkipped& named) {
  GroupBooks books;
  books.group = tally.group;
  books.acknowledged = acknowledged;
  double rest = acknowledged;
  books.lost = take(std::max(named.lost, tally.gone), rest);
  books.skipped = take(named.skipped, rest);
  books.processed = take(tally.processed - sound(tally.duplicated), rest);
  books.pending = take(tally.pending.value_or(0), rest);
  books.unknown = rest;
  books.failed = std::min(sound(tally.failed), books.processed);
  books.duplicated = sound(tally.duplicated);
  return books;
}

// ── The list ──

auto run_key(const NamedLoss& loss) {
  const evidence::Place& place = loss.message.place;
  return std::tuple(place.topic, place.partition, loss.group, loss.verdict.state, loss.verdict.cause,
                    loss.service, place.offset);
}

bool continues(const NamedLoss& run, const NamedLoss& next) {
  const evidence::Place& first = run.message.place;
  const evidence::Place& place = next.message.place;
  const bool is_same_fate = first.topic == place.topic && first.partition == place.partition &&
                            run.group == next.group && run.verdict.state == next.verdict.state &&
                            run.verdict.cause == next.verdict.cause && run.service == next.service;
  return is_same_fate && first.is_exact() && place.offset <= run.last_offset.value_or(first.offset) + 1;
}

bool is_worth_naming(State state) {
  return is_loss(state) || state == State::kAmbiguous || state == State::kFailed;
}

// What happened before any group could get it.
bool is_for_everybody(State state) {
  return state == State::kNeverSent || state == State::kAmbiguous || state == State::kAborted ||
         state == State::kLostByBroker;
}

std::string service_of(const MessageWay& way, const GroupWay& group) {
  if (!group.steps.empty()) return group.steps.back().service;
  return way.produced ? way.produced->service : "";
}

std::int64_t time_of(const MessageWay& way, const GroupWay& group) {
  if (!group.steps.empty()) return group.steps.back().start_ns;
  return way.produced ? way.produced->start_ns : 0;
}

std::vector<std::string> explain_unknown(const LossInput& input, const LossBooks& books) {
  std::vector<std::string> reasons;
  const auto is_any = [&](auto is) { return std::any_of(input.sends.begin(), input.sends.end(), is); };
  const bool has_spans_only =
      !input.sends.empty() && !is_any([](const SendTally& tally) { return tally.from_metrics; });
  if (has_spans_only) reasons.emplace_back("sends are counted by spans: no metric says how many there were");
  for (const GroupTally& tally : input.groups) {
    if (!tally.pending)
      reasons.push_back("nothing says how far " + tally.group + " is behind in " + tally.topic);
  }
  for (const TopicBooks& topic : books.topics) {
    for (const GroupBooks& group : topic.groups) {
      const bool shows_nothing = group.unknown > 0 && group.processed <= 0;
      if (shows_nothing)
        reasons.push_back("nothing that " + group.group + " did in " + topic.topic + " is known");
    }
  }
  return reasons;
}

}  // namespace

LossBooks balance(const LossInput& input) {
  LossBooks books;
  books.named = join_runs(input.named);
  std::map<std::string, TopicSends> sends = sort_sends(input.sends);
  for (const GroupTally& tally : input.groups) sends.try_emplace(tally.topic);
  const std::map<std::string, double> in_flight(input.in_flight.begin(), input.in_flight.end());
  for (const auto& [topic, of_topic] : sends) {
    const auto flying = in_flight.find(topic);
    TopicBooks one{.topic = topic,
                   .produced = balance_produced(
                       of_topic, flying == in_flight.end() ? std::nullopt : std::optional(flying->second)),
                   .groups = {}};
    for (const GroupTally& tally : input.groups) {
      if (tally.topic != topic) continue;
      one.groups.push_back(
          balance_group(tally, one.produced.acknowledged, named_of(books.named, topic, tally.group)));
    }
    std::sort(one.groups.begin(), one.groups.end(),
              [](const GroupBooks& left, const GroupBooks& right) { return left.group < right.group; });
    books.topics.push_back(std::move(one));
  }
  books.reasons_for_unknown = explain_unknown(input, books);
  return books;
}

std::vector<NamedLoss> losses_of(const MessageWay& way) {
  std::vector<NamedLoss> losses;
  const auto add = [&](const std::string& group, std::int64_t time_ns, std::string service,
                       const Verdict& verdict) {
    losses.push_back({.message = way.message,
                      .last_offset = std::nullopt,
                      .group = group,
                      .time_ns = time_ns,
                      .service = std::move(service),
                      .verdict = verdict});
  };
  const bool is_for_all = is_for_everybody(way.verdict.state);
  if (is_for_all) {
    add("", way.produced ? way.produced->start_ns : 0, way.produced ? way.produced->service : "",
        way.verdict);
  }
  for (const GroupWay& group : way.groups) {
    const bool is_said = is_for_all && group.verdict.state == way.verdict.state;
    if (is_said || !is_worth_naming(group.verdict.state)) continue;
    add(group.group, time_of(way, group), service_of(way, group), group.verdict);
  }
  return losses;
}

std::vector<NamedLoss> join_runs(std::vector<NamedLoss> losses) {
  std::stable_sort(losses.begin(), losses.end(), [](const NamedLoss& left, const NamedLoss& right) {
    return run_key(left) < run_key(right);
  });
  std::vector<NamedLoss> runs;
  for (NamedLoss& loss : losses) {
    if (runs.empty() || !continues(runs.back(), loss)) {
      runs.push_back(std::move(loss));
      continue;
    }
    NamedLoss& run = runs.back();
    const std::int64_t last = loss.last_offset.value_or(loss.message.place.offset);
    if (last > run.message.place.offset) run.last_offset = std::max(last, run.last_offset.value_or(last));
    run.time_ns = std::max(run.time_ns, loss.time_ns);
  }
  std::stable_sort(runs.begin(), runs.end(), [](const NamedLoss& left, const NamedLoss& right) {
    return left.time_ns > right.time_ns;
  });
  return runs;
}

}  // namespace waybill::analysis
