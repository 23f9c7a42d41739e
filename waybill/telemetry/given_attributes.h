#pragma once

#include "waybill/telemetry/attribute_list.h"
#include "waybill/telemetry/record_headers.h"

namespace waybill::telemetry {

// The attributes that the application gave to a message. Of one name the last counts. A name that begins as
// those of the conventions and our own do (messaging., server., network., error., waybill.) is left out and
// counted, so that ours stay what they are; so is one that is empty or no UTF-8. A text that is no UTF-8 is
// "base64:" and its bytes in base64.
void put_given(AttributeList& attributes, const RecordHeaders& headers);

}  // namespace waybill::telemetry
