#include "waybill/kafka/header_carrier.h"

#include <cstring>
#include <span>

#include "waybill/context/traceparent.h"
#include "waybill/context/tracestate.h"

namespace waybill::kafka {
namespace {

constexpr char kTraceparent[] = "traceparent";
constexpr char kTracestate[] = "tracestate";
constexpr std::size_t kHeaderOverhead = 10;   // two lengths as varints
constexpr std::size_t kMessageOverhead = 36;  // librdkafka's allowance for a record's own fields

}  // namespace

observe::MessageContext HeaderCarrier::extract(bool& malformed) const {
  malformed = false;
  observe::MessageContext found;
  rd_kafka_headers_t* headers = nullptr;
  if (api_.message_headers(message_, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR || headers == nullptr)
    return found;

  const void* value = nullptr;
  std::size_t size = 0;
  if (api_.header_get_last(headers, kTraceparent, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) return found;
  const context::ParsedTraceparent parsed =
      context::parse_traceparent({static_cast<const char*>(value), value == nullptr ? 0 : size});
  if (!parsed.valid) {
    malformed = true;
    return found;
  }
  found.context = parsed.context;
  if (api_.header_get_last(headers, kTracestate, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR &&
      value != nullptr) {
    const std::string_view tracestate{static_cast<const char*>(value), size};
    if (context::valid_tracestate(tracestate)) {
      found.tracestate = tracestate;
    } else {
      malformed = true;
    }
  }
  return found;
}

Injection HeaderCarrier::inject(const context::SpanContext& context, std::string_view tracestate,
                                std::size_t message_max_bytes) {
  char traceparent[context::kTraceparentLength];
  context::format_traceparent(context, std::span<char, context::kTraceparentLength>{traceparent});

  rd_kafka_headers_t* headers = nullptr;
  const bool has_headers =
      api_.message_headers(message_, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR && headers != nullptr;
  std::size_t added = sizeof kTraceparent - 1 + sizeof traceparent + kHeaderOverhead;
  if (!tracestate.empty()) added += sizeof kTracestate - 1 + tracestate.size() + kHeaderOverhead;
  if (size_with(added, has_headers ? headers : nullptr) > message_max_bytes) return Injection::kTooLarge;

  if (has_headers) {
    api_.header_remove(headers, kTraceparent);
    api_.header_remove(headers, kTracestate);
    return add_all(headers, traceparent, tracestate) ? Injection::kDone : Injection::kRefused;
  }
  headers = api_.headers_new(2);
  if (headers == nullptr) return Injection::kRefused;
  if (!add_all(headers, traceparent, tracestate)) {
    api_.headers_destroy(headers);
    return Injection::kRefused;
  }
  api_.message_set_headers(message_, headers);  // owns the list from here on
  return Injection::kDone;
}

void HeaderCarrier::remove() {
  rd_kafka_headers_t* headers = nullptr;
  if (api_.message_headers(message_, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR || headers == nullptr) return;
  api_.header_remove(headers, kTraceparent);
  api_.header_remove(headers, kTracestate);
}

// librdkafka checks the size before interceptors run, and aborts later when a batch of one message is too
// large.
std::size_t HeaderCarrier::size_with(std::size_t added, const rd_kafka_headers_t* headers) const {
  std::size_t size = kMessageOverhead + message_->key_len + message_->len + added;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t value_size = 0;
  for (std::size_t at = 0;
       headers != nullptr &&
       api_.header_get_all(headers, at, &name, &value, &value_size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++at) {
    size += std::strlen(name) + value_size + kHeaderOverhead;
  }
  return size;
}

bool HeaderCarrier::add_all(rd_kafka_headers_t* headers, const char* traceparent,
                            std::string_view tracestate) {
  if (api_.header_add(headers, kTraceparent, sizeof kTraceparent - 1, traceparent,
                      context::kTraceparentLength) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return false;
  }
  return tracestate.empty() ||
         api_.header_add(headers, kTracestate, sizeof kTracestate - 1, tracestate.data(),
                         static_cast<ssize_t>(tracestate.size())) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace waybill::kafka
