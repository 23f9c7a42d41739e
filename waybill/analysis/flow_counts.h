#pragma once

#include <compare>
#include <optional>
#include <string>

#include "waybill/analysis/latency_histogram.h"
#include "waybill/evidence/span.h"

namespace waybill::analysis {

// Of what a minute's counts are: the sends of a service to a topic (kSend, no group; a message of a batch
// counts by its create span), or what a service got from a topic for a group (kProcess; kReceive where no
// processing is seen).
struct FlowKey {
  std::string service;
  std::string topic;
  std::string group;
  evidence::Operation operation = evidence::Operation::kSend;

  friend auto operator<=>(const FlowKey&, const FlowKey&) = default;
};

// Under what a span counts. None: it is neither a send nor a consumption, knows no topic, or is the send of a
// batch whose messages have spans of their own.
std::optional<FlowKey> flow_key_of(const evidence::Span& span);

// What flowed, in any time: counts of two times or of two stores are merged into one. Each span counts as
// often as it stands for, so sums are right for sampled telemetry, too.
struct FlowCounts {
  double messages = 0;
  double errors = 0;
  double unscaled = 0;  // messages of spans of which nobody knows how many they stand for

  LatencyHistogram duration;  // of a send: to the broker's answer; of a consumption: of the whole operation
  LatencyHistogram queue;     // of a send: in the client
  LatencyHistogram broker;    // of a send: from the request to the answer
  LatencyHistogram log;       // of a consumption: from the answer to the hand-over, or else the record's age
  LatencyHistogram processing;  // of a consumption: where its end was seen
  LatencyHistogram end_to_end;  // of a consumption: from the begin of the send to the end of processing

  // What a span says by itself.
  void count(const evidence::Span& span);
  // What a message's way needs both for: `sent` is the create or send span that `consumed` links to. Clocks
  // that disagree count as no time.
  void count_way(const evidence::Span& sent, const evidence::Span& consumed);
  void merge(const FlowCounts& other);
};

}  // namespace waybill::analysis
