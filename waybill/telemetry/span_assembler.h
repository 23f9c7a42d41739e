#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "waybill/segment/reader.h"
#include "waybill/telemetry/definitions.h"
#include "waybill/telemetry/in_flight_sends.h"
#include "waybill/telemetry/offset_trust.h"
#include "waybill/telemetry/operation.h"
#include "waybill/telemetry/semantic_conventions.h"
#include "waybill/telemetry/span.h"

namespace waybill::telemetry {

// Two clocks of a host, read at the same moment.
struct ClockAnchor {
  std::uint64_t monotonic_ns = 0;
  std::uint64_t realtime_ns = 0;

  std::uint64_t to_unix_ns(std::uint64_t monotonic) const { return realtime_ns + (monotonic - monotonic_ns); }
};

// The books of one host: started == finished + lost + in_flight.
struct AssemblerCounts {
  std::uint64_t started = 0;    // send, receive and process operations whose start was read
  std::uint64_t finished = 0;   // spans handed out
  std::uint64_t lost_ends = 0;  // the host had no room for the end record: no span
  std::uint64_t refused = 0;    // more in flight than the assembler remembers: no span
  std::uint64_t in_flight = 0;
  std::uint64_t malformed = 0;  // records that contradict themselves; in no other number
};

// Joins the records of one host into spans. Chunks are read one after the other, so an end may come before
// its start: what has no partner yet waits for one more round. Owned by one thread.
//
//   reader.drain(buffer, problem, [&](const RecordView& record) { assembler.add(record); });
//   assembler.end_round(spans);
class SpanAssembler {
 public:
  // `definitions` outlives the assembler.
  SpanAssembler(Definitions& definitions, ClockAnchor clock, SpanLimits limits,
                std::size_t in_flight_capacity = 4'000'000);

  void add(const segment::RecordView& record);
  void end_round(std::vector<Span>& finished);

  // The host is gone: what it has not ended becomes a span that says so and ends with the last sign of life.
  void end_host(std::vector<Span>& finished);

  AssemblerCounts counts() const;

 private:
  struct PendingConsume {
    bool started = false;
    bool ended = false;
    std::uint32_t rounds_after_end = 0;
    segment::ConsumeStarted start{};
    segment::ConsumeEnded end{};
    std::string tracestate;
    std::uint64_t last_sign_ns = 0;
    std::vector<MessageView> messages;
  };

  template <typename Record>
  bool read(const segment::RecordView& view, Record& record);
  void add_send_start(const segment::RecordView& view);
  void add_send_end(const segment::RecordView& view);
  void add_consume_start(const segment::RecordView& view);
  void add_message(const segment::RecordView& view);
  void add_consume_end(const segment::RecordView& view);

  void pair_sends(std::vector<Span>& finished);
  void finish_consumes(std::vector<Span>& finished);
  void close_clients(std::vector<Span>& finished);
  void finish(std::vector<Span>& finished, Span span);
  Span finish_send(const StartedSend& send, const segment::SendEnded& end);
  Span finish_unanswered(const StartedSend& send, std::uint64_t end_ns, Failure failure, bool unfinished);
  SendOperation operation_of(const StartedSend& send);
  Span finish_consume(PendingConsume& consume, std::uint64_t end_ns, bool unfinished);
  ClientView client_view(std::uint32_t profile, std::uint32_t client);
  Failure failure_of(std::uint32_t error);
  void saw(std::uint64_t time_ns) { last_sign_ns_ = time_ns > last_sign_ns_ ? time_ns : last_sign_ns_; }

  Definitions& definitions_;
  ClockAnchor clock_;
  SpanLimits limits_;
  AssemblerCounts counts_;
  std::uint64_t last_sign_ns_ = 0;       // the latest time in any record so far
  std::uint64_t seen_until_ns_ = 0;      // … when the last round ended
  std::uint64_t complete_until_ns_ = 0;  // … when the round before it ended

  InFlightSends sends_;
  std::vector<segment::SendEnded> ends_;  // that are not complete yet
  std::unordered_map<std::uint64_t, PendingConsume> consumes_;
  std::vector<segment::ClientClosed> closed_;
  OffsetTrust offset_trust_;
  std::unordered_map<std::uint32_t, ClientProfile> profiles_;
  std::unordered_map<std::uint32_t, std::string> clusters_;
};

}  // namespace waybill::telemetry
