#include "waybill/exporters/joined_delivery.h"

namespace waybill::exporters {
namespace {

using Outcome = Delivery::Outcome;

std::uint64_t rejected(const Delivery& delivery, std::uint64_t items) {
  return delivery.outcome == Outcome::kRejected ? items : delivery.rejected_items;
}
std::uint64_t unreachable(const Delivery& delivery, std::uint64_t items) {
  return delivery.outcome == Outcome::kUnreachable ? items - delivery.rejected_items
                                                   : delivery.unreachable_items;
}

}  // namespace

Delivery joined_delivery(const Delivery& first, std::uint64_t first_items, const Delivery& second,
                         std::uint64_t second_items) {
  Delivery both;
  if (first.outcome != Outcome::kTaken && second.outcome != Outcome::kTaken) {
    both.outcome = first.outcome == second.outcome ? first.outcome : Outcome::kUnreachable;
  }
  both.rejected_items = rejected(first, first_items) + rejected(second, second_items);
  both.unreachable_items = unreachable(first, first_items) + unreachable(second, second_items);
  both.reason = first.reason.empty() ? second.reason : first.reason;
  both.retries = first.retries + second.retries;
  return both;
}

}  // namespace waybill::exporters
