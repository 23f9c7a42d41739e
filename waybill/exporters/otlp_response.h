#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace waybill::exporters {

// What a receiver's answer to OTLP says was not taken: spans or data points. The answers for all signals have
// the same form.
struct PartialSuccess {
  std::uint64_t rejected_items = 0;
  std::string message;
};

// Each reads a response; an empty or unreadable one means that all was taken.
PartialSuccess decode_otlp_response(std::string_view body);
PartialSuccess decode_otlp_json_response(std::string_view body);

}  // namespace waybill::exporters
