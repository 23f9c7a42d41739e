#pragma once

#include <string_view>

#include "waybill/exporters/destination.h"

namespace waybill::exporters {

// How one kind of receiver wants spans written. Owned by one thread.
class SpanEncoder {
 public:
  virtual ~SpanEncoder() = default;

  // The bytes of one request, valid until the next call.
  virtual std::string_view encode(Batches batches) = 0;
};

}  // namespace waybill::exporters
