#include "waybill/kafka/header_carrier.h"

#include <cstring>
#include <span>

#include "waybill/context/tracestate.h"

namespace waybill::kafka {
namespace {

constexpr char kTraceparent[] = "traceparent";
constexpr char kTracestate[] = "tracestate";
constexpr std::size_t kHeaderOverhead = 10;   // two lengths as varints
constexpr std::size_t kMessageOverhead = 36;  // librdkafka's allowance for a record's own fields

}  // namespace

HeaderCarrier::HeaderCarrier(const Api& api, rd_kafka_message_t* message) : api_{api}, message_{message} {
  if (api_.message_headers(message_, &headers_) != RD_KAFKA_RESP_ERR_NO_ERROR) headers_ = nullptr;
}

observe::MessageContext HeaderCarrier::extract(bool& malformed) const {
  malformed = false;
  observe::MessageContext found;
  const void* value = nullptr;
  std::size_t size = 0;
  if (headers_ == nullptr ||
      api_.header_get_last(headers_, kTraceparent, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return found;
  found.context = context::parse_traceparent({static_cast<const char*>(value), value == nullptr ? 0 : size});
  if (!found.context.valid()) {
    malformed = true;
    return found;
  }
  if (api_.header_get_last(headers_, kTracestate, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR &&
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
                                std::size_t message_max_bytes, HeaderPool* pool) {
  std::size_t added = sizeof kTraceparent - 1 + context::kTraceparentLength + kHeaderOverhead;
  if (!tracestate.empty()) added += sizeof kTracestate - 1 + tracestate.size() + kHeaderOverhead;
  if (size_with(added) > message_max_bytes) return Injection::kTooLarge;
  if (headers_ == nullptr && tracestate.empty()) return put_new_list(context, pool);

  char traceparent[context::kTraceparentLength];
  context::format_traceparent(context, std::span{traceparent});
  if (headers_ != nullptr) {
    api_.header_remove(headers_, kTraceparent);
    api_.header_remove(headers_, kTracestate);
    return add_all(headers_, traceparent, tracestate) ? Injection::kDone : Injection::kRefused;
  }
  rd_kafka_headers_t* headers = make_list(traceparent, tracestate);
  if (headers == nullptr) return Injection::kRefused;
  api_.message_set_headers(message_, headers);  // owns the list from here on
  return Injection::kDone;
}

// By far the most messages: no headers of their own, and no tracestate.
Injection HeaderCarrier::put_new_list(const context::SpanContext& context, HeaderPool* pool) {
  HeaderPool::List list = pool == nullptr ? HeaderPool::List{} : pool->take();
  if (list.headers != nullptr) {
    context::format_traceparent(
        context, std::span<char, context::kTraceparentLength>{list.traceparent, context::kTraceparentLength});
  } else {
    char traceparent[context::kTraceparentLength];
    context::format_traceparent(context, std::span{traceparent});
    list.headers = make_list(traceparent, {});
    if (list.headers == nullptr) return Injection::kRefused;
    const void* value = nullptr;
    std::size_t size = 0;
    if (pool != nullptr &&
        api_.header_get_last(list.headers, kTraceparent, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      // Ours to change while no message has the list: librdkafka copied the bytes for it.
      list.traceparent = static_cast<char*>(const_cast<void*>(value));
      pool->add(list);
    }
  }
  api_.message_set_headers(message_, list.headers);  // owns the list from here on
  return Injection::kDone;
}

rd_kafka_headers_t* HeaderCarrier::make_list(Traceparent traceparent, std::string_view tracestate) const {
  rd_kafka_headers_t* headers = api_.headers_new(tracestate.empty() ? 1 : 2);
  if (headers == nullptr || add_all(headers, traceparent, tracestate)) return headers;
  api_.headers_destroy(headers);
  return nullptr;
}

void HeaderCarrier::remove() {
  if (headers_ == nullptr) return;
  api_.header_remove(headers_, kTraceparent);
  api_.header_remove(headers_, kTracestate);
}

// librdkafka checks the size before interceptors run, and aborts later when a batch of one message is too
// large.
std::size_t HeaderCarrier::size_with(std::size_t added) const {
  std::size_t size = kMessageOverhead + message_->key_len + message_->len + added;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t value_size = 0;
  for (std::size_t at = 0;
       headers_ != nullptr &&
       api_.header_get_all(headers_, at, &name, &value, &value_size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++at) {
    size += std::strlen(name) + value_size + kHeaderOverhead;
  }
  return size;
}

bool HeaderCarrier::add_all(rd_kafka_headers_t* headers, Traceparent traceparent,
                            std::string_view tracestate) const {
  if (api_.header_add(headers, kTraceparent, sizeof kTraceparent - 1, traceparent.data(),
                      traceparent.size()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return false;
  }
  return tracestate.empty() ||
         api_.header_add(headers, kTracestate, sizeof kTracestate - 1, tracestate.data(),
                         static_cast<ssize_t>(tracestate.size())) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace waybill::kafka
