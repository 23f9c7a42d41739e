#include "waybill/client/record.h"

#include <string>

namespace waybill {
namespace {

std::optional<std::string_view> view_of(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string_view{static_cast<const char*>(bytes), size};
}

}  // namespace

std::string_view Record::topic() const { return rd_kafka_topic_name(message_->rkt); }

std::optional<std::int64_t> Record::timestamp_ms() const {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t timestamp = rd_kafka_message_timestamp(message_.get(), &type);
  return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? std::nullopt : std::optional{timestamp};
}

std::optional<std::string_view> Record::key() const { return view_of(message_->key, message_->key_len); }

std::optional<std::string_view> Record::value() const { return view_of(message_->payload, message_->len); }

std::optional<std::string_view> Record::header(std::string_view name) const {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message_.get(), &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_header_get_last(headers, std::string{name}.c_str(), &value, &size) !=
      RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  return view_of(value, size);
}

}  // namespace waybill
