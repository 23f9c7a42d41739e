#include "waybill/client/message_attributes.h"

#include <cstddef>

#include "waybill/observe/application_attributes.h"

namespace waybill {
namespace {

std::optional<std::string_view> text_of(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string_view{static_cast<const char*>(bytes), size};
}

}  // namespace

bool MessageView::is_outgoing() const { return message_.is_outgoing; }
std::string_view MessageView::topic() const { return message_.topic; }
std::optional<std::string_view> MessageView::key() const { return text_of(message_.key, message_.key_size); }
std::optional<std::string_view> MessageView::value() const {
  return text_of(message_.body, message_.body_size);
}

std::optional<std::string_view> MessageView::header(std::string_view name) const {
  const observe::MessageHeaders& headers = message_.headers;
  std::optional<std::string_view> last;
  if (headers.get == nullptr) return last;
  for (std::size_t at = 0; const auto header = headers.get(headers, at); ++at) {
    if (header->name == name) last = text_of(header->value, header->value_size);
  }
  return last;
}

void MessageAttributes::set(std::string_view name, std::string_view text) { given_.put(name, text); }
void MessageAttributes::set_integer(std::string_view name, std::int64_t number) { given_.put(name, number); }
void MessageAttributes::set_double(std::string_view name, double number) { given_.put(name, number); }
void MessageAttributes::set_bool(std::string_view name, bool value) { given_.put_bool(name, value); }

}  // namespace waybill
