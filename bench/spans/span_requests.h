#pragma once

#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include <array>
#include <functional>
#include <string>

#include "traffic.h"

namespace waybill::bench {

// What is asked for later: a message that is known to be in the store.
struct Sample {
  std::string topic;
  std::size_t partition = 0;
  std::uint64_t offset = 0;
  std::string key;
  std::string trace;  // 32 digits
  std::string span;   // 16 digits
};

std::string service_name(std::size_t service);
std::string topic_name(std::size_t topic);
std::string group_name(std::size_t service);

// Makes export requests of spans, one service's each, as Waybill writes them. Owned by one thread.
class SpanRequests {
 public:
  // Gets a request, how many spans are in it, and one of its messages (without a topic: none).
  using Post = std::function<void(const std::string& body, std::size_t spans, const Sample& sample)>;

  SpanRequests(std::size_t spans_in_a_request, Post post);

  void add(const Trace& trace);
  // Posts what is left.
  void flush();

 private:
  struct Outbox {
    opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest request;
    Sample sample;
  };

  void add_send(const Trace& trace, const Hop& hop);
  void add_process(const Trace& trace, const Hop& hop);
  opentelemetry::proto::trace::v1::Span* next_span(Outbox& outbox);
  void post(Outbox& outbox);

  const std::size_t spans_in_a_request_;
  const Post post_;
  std::array<Outbox, kServices> outboxes_;  // by service
  std::string body_;
};

}  // namespace waybill::bench
