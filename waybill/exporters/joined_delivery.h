#pragma once

#include <cstdint>

#include "waybill/exporters/delivery.h"

namespace waybill::exporters {

// What became of two requests together, which had so many items: as good as the better of them, with the
// losses of each.
Delivery joined_delivery(const Delivery& first, std::uint64_t first_items, const Delivery& second,
                         std::uint64_t second_items);

}  // namespace waybill::exporters
