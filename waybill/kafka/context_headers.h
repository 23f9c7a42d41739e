#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "waybill/context/b3.h"
#include "waybill/context/jaeger.h"
#include "waybill/context/propagators.h"
#include "waybill/context/span_context.h"
#include "waybill/context/traceparent.h"
#include "waybill/kafka/api.h"
#include "waybill/observe/room.h"

// The headers that carry a context, by name and value.
namespace waybill::kafka {

// The single header that carries all of a context, where there is one: its value has one length, so that a
// list with it can be used again.
enum class LoneHeader : std::uint8_t { kNone, kTraceparent, kB3, kJaeger };

// The header of contexts without tracestate and baggage.
constexpr LoneHeader lone_header(context::Propagators propagators) {
  using enum context::Propagator;
  switch (propagators.packed()) {
    case context::Propagators{kTraceContext}.packed():
    case context::Propagators{kTraceContext, kBaggage}.packed():
    case context::Propagators{kBaggage, kTraceContext}.packed():
      return LoneHeader::kTraceparent;
    case context::Propagators{kB3}.packed():
    case context::Propagators{kB3, kBaggage}.packed():
    case context::Propagators{kBaggage, kB3}.packed():
      return LoneHeader::kB3;
    case context::Propagators{kJaeger}.packed():
    case context::Propagators{kJaeger, kBaggage}.packed():
    case context::Propagators{kBaggage, kJaeger}.packed():
      return LoneHeader::kJaeger;
    default:
      return LoneHeader::kNone;
  }
}
constexpr std::string_view name_of(LoneHeader header) {
  if (header == LoneHeader::kB3) return "b3";
  return header == LoneHeader::kJaeger ? "uber-trace-id" : "traceparent";
}
inline constexpr std::size_t kLongestLoneHeader = context::kTraceparentLength;
inline constexpr std::size_t length_of(LoneHeader header) {
  if (header == LoneHeader::kB3) return context::kB3Length;
  return header == LoneHeader::kJaeger ? context::kJaegerLength : context::kTraceparentLength;
}
// Writes length_of(header) bytes.
inline void format(LoneHeader header, const context::SpanContext& context, char* value) {
  if (header == LoneHeader::kB3) {
    context::format_b3(context, std::span<char, context::kB3Length>{value, context::kB3Length});
  } else if (header == LoneHeader::kJaeger) {
    context::format_jaeger(context, std::span<char, context::kJaegerLength>{value, context::kJaegerLength});
  } else {
    context::format_traceparent(
        context, std::span<char, context::kTraceparentLength>{value, context::kTraceparentLength});
  }
}
// The sampled flag in a value that format() has written.
inline bool says_sampled(LoneHeader header, const char* value) {
  if (header == LoneHeader::kB3) return context::b3_says_sampled(value);
  return header == LoneHeader::kJaeger ? context::jaeger_says_sampled(value) : context::says_sampled(value);
}

// What goes out with a message that needs more than a lone header. Texts are borrowed until it has been
// added.
class ContextHeaders {
 public:
  // No context that is valid, and no baggage: no header of that kind.
  ContextHeaders(context::Propagators propagators, const context::SpanContext& context,
                 std::string_view tracestate, std::string_view baggage);

  // How many bytes of a record they take.
  std::size_t size_in_record() const;
  std::size_t count() const { return count_; }

  // Calls `visit(std::string_view name, std::string_view value)` for each.
  template <typename Visitor>
  void for_each(Visitor&& visit) const {
    for (std::size_t at = 0; at < count_; ++at) visit(headers_[at].name, headers_[at].value);
  }

  // False: librdkafka refused one.
  bool add_to(const Api& api, rd_kafka_headers_t* headers) const;

 private:
  struct Header {
    std::string_view name;
    std::string_view value;
  };
  static constexpr std::size_t kMost = 8;

  void add(std::string_view name, std::string_view value) { headers_[count_++] = {name, value}; }
  void add_b3_multi(const context::SpanContext& context);

  Header headers_[kMost];
  std::size_t count_ = 0;
  char traceparent_[context::kTraceparentLength];
  char b3_[context::kB3Length];
  char jaeger_[context::kJaegerLength];
  context::B3MultiText b3_multi_;
};

// What these propagators find in a list of headers. The texts live as long as the list. Of a name that stands
// several times the last one counts.
struct FoundContext {
  observe::MessageContext message;
  bool malformed = false;  // something stands there that cannot be read: it is treated as absent
};
FoundContext find_context(const Api& api, const rd_kafka_headers_t* headers,
                          context::Propagators propagators);

// The same in headers that came by another way, such as an HTTP request: there a name is the same in upper
// and lower case.
struct PlainHeader {
  std::string_view name;
  std::string_view value;
};
FoundContext find_context(std::span<const PlainHeader> headers, context::Propagators propagators);

inline constexpr std::size_t kHeaderOverhead = 10;  // of each in a record: two lengths as varints

// Whether a baggage header stands there, readable or not.
bool has_baggage(const Api& api, const rd_kafka_headers_t* headers);

// Whether these propagators read or write headers of this name.
bool is_context_header(std::string_view name, context::Propagators propagators);

// Takes out every header in which these propagators put a context. Baggage stays: it may be the
// application's own.
void remove_context(const Api& api, rd_kafka_headers_t* headers, context::Propagators propagators);

}  // namespace waybill::kafka
