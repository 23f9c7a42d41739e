#include "waybill/kafka/header_carrier.h"

#include <cstring>

namespace waybill::kafka {
namespace {

constexpr std::size_t kMessageOverhead = 36;  // librdkafka's allowance for a record's own fields

}  // namespace

HeaderCarrier::HeaderCarrier(const Api& api, rd_kafka_message_t* message) : api_{api}, message_{message} {
  if (api_.message_headers(message_, &headers_) != RD_KAFKA_RESP_ERR_NO_ERROR) headers_ = nullptr;
}

FoundContext HeaderCarrier::extract(context::Propagators propagators) const {
  return headers_ == nullptr ? FoundContext{} : find_context(api_, headers_, propagators);
}

Injection HeaderCarrier::inject(const observe::MessageContext& outgoing, context::Propagators propagators,
                                std::size_t message_max_bytes, HeaderPool* pool) {
  const LoneHeader lone = lone_header(propagators);
  if (headers_ == nullptr && lone != LoneHeader::kNone && outgoing.context.valid() &&
      outgoing.tracestate.empty() && outgoing.baggage.empty()) {
    const std::size_t added = name_of(lone).size() + length_of(lone) + kHeaderOverhead;
    if (size_with(added) > message_max_bytes) return Injection::kTooLarge;
    return put_lone(lone, outgoing.context, pool);
  }
  const bool has_own_baggage =
      headers_ != nullptr && !outgoing.baggage.empty() && has_baggage(api_, headers_);
  const ContextHeaders added{propagators, outgoing.context, outgoing.tracestate,
                             has_own_baggage ? std::string_view{} : outgoing.baggage};
  if (added.count() == 0) return Injection::kDone;
  if (size_with(added.size_in_record()) > message_max_bytes) return Injection::kTooLarge;
  if (headers_ == nullptr) return put_new_list(added);
  if (outgoing.context.valid()) remove_context(api_, headers_, propagators);
  return added.add_to(api_, headers_) ? Injection::kDone : Injection::kRefused;
}

// By far the most messages.
Injection HeaderCarrier::put_lone(LoneHeader header, const context::SpanContext& context, HeaderPool* pool) {
  if (pool != nullptr && !pool->serves(header)) pool = nullptr;
  HeaderPool::List list = pool == nullptr ? HeaderPool::List{} : pool->take();
  if (list.headers != nullptr) {
    format(header, context, list.value);
  } else {
    list = make_lone(header, context);
    if (list.headers == nullptr) return Injection::kRefused;
    if (pool != nullptr && list.value != nullptr) pool->add(list);
  }
  api_.message_set_headers(message_, list.headers);  // owns the list from here on
  return Injection::kDone;
}

// The value is ours to change while no message has the list: librdkafka copied the bytes for it.
HeaderPool::List HeaderCarrier::make_lone(LoneHeader header, const context::SpanContext& context) const {
  char text[kLongestLoneHeader];
  format(header, context, text);
  rd_kafka_headers_t* headers = api_.headers_new(1);
  if (headers == nullptr) return {};
  if (api_.header_add(headers, name_of(header).data(), -1, text, static_cast<ssize_t>(length_of(header))) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    api_.headers_destroy(headers);
    return {};
  }
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  api_.header_get_all(headers, 0, &name, &value, &size);
  return {headers, static_cast<char*>(const_cast<void*>(value))};
}

Injection HeaderCarrier::put_new_list(const ContextHeaders& added) {
  rd_kafka_headers_t* headers = api_.headers_new(added.count());
  if (headers == nullptr) return Injection::kRefused;
  if (!added.add_to(api_, headers)) {
    api_.headers_destroy(headers);
    return Injection::kRefused;
  }
  api_.message_set_headers(message_, headers);  // owns the list from here on
  return Injection::kDone;
}

void HeaderCarrier::remove(context::Propagators propagators) {
  if (headers_ != nullptr) remove_context(api_, headers_, propagators);
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

}  // namespace waybill::kafka
