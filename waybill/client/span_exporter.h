#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

namespace waybill {

// What stands one after the other elsewhere.
template <typename T>
class ListView {
 public:
  ListView() = default;
  ListView(const T* first, std::size_t size) : first_{first}, size_{size} {}

  const T* begin() const { return first_; }
  const T* end() const { return first_ + size_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T& operator[](std::size_t at) const { return first_[at]; }

 private:
  const T* first_ = nullptr;
  std::size_t size_ = 0;
};

using AttributeValue = std::variant<std::string_view, bool, std::int64_t, double, ListView<std::string_view>>;
struct SpanAttribute {
  std::string_view name;
  AttributeValue value;
};

// As OTLP numbers them.
enum class SpanKind { kInternal = 1, kServer = 2, kClient = 3, kProducer = 4, kConsumer = 5 };
enum class SpanStatus { kUnset = 0, kOk = 1, kError = 2 };

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

struct SpanLink {
  TraceId trace_id;
  SpanId span_id;
  std::uint8_t flags;
  std::string_view trace_state;
  ListView<SpanAttribute> attributes;
  std::uint32_t dropped_attributes_count;
};

// A finished span. All views are good until export_spans() returns.
struct SpanData {
  using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

  std::string_view name;
  SpanKind kind;
  TraceId trace_id;
  SpanId span_id;
  std::uint8_t flags;  // 1: sampled
  std::string_view trace_state;
  SpanId parent_span_id;  // all zero: a root span
  bool parent_is_remote;  // it came with a message
  Time start;
  Time end;
  SpanStatus status;
  std::string_view status_message;
  ListView<SpanAttribute> attributes;
  ListView<SpanLink> links;
  std::uint32_t dropped_attributes_count;
  std::uint32_t dropped_links_count;
  ListView<SpanAttribute> resource;
  std::string_view scope_name;
  std::string_view scope_version;
};

// An exporter that the application writes: TelemetryBuilder::add_exporter() takes it, where a thread of this
// process collects. It is called on a thread of its own, one call after the other, so that it may take its
// time: what comes meanwhile waits in a queue (OTEL_BSP_*), and what finds no room there is dropped and
// counted. Spans of Kafka clients that it uses itself are exported too, and so on for ever: such a client
// must not be traced.
class SpanExporter {
 public:
  virtual ~SpanExporter() = default;

  // False, or an exception: it did not take them; they are dropped and counted, which a line on stderr says,
  // once a minute at most. So they are when it has not returned after OTEL_BSP_EXPORT_TIMEOUT.
  virtual bool export_spans(ListView<SpanData> spans) = 0;

  // Nothing comes any more. Called once, within Telemetry::shutdown(). Exceptions are swallowed.
  virtual void shutdown() {}
};

}  // namespace waybill
