#pragma once

#include <string>

#include "waybill/telemetry/attribute_list.h"
#include "waybill/telemetry/record_headers.h"

namespace waybill::telemetry {

// The value as a text: without what a cut has left of its last character; "base64:" and its bytes in base64
// if it is no UTF-8.
std::string text_of(const HeaderView& header);

// messaging.header.NAME for each name among the headers, with all of its values in their order. A null value
// is an empty text; what is no UTF-8 is "base64:" and its bytes in base64. A name that is no UTF-8 is left
// out. And messaging.message.conversation_id, the last value of the header that is one, if it is whole text.
void put_headers(AttributeList& attributes, const RecordHeaders& headers);

}  // namespace waybill::telemetry
