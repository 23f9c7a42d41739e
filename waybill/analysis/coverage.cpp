#include "waybill/analysis/coverage.h"

#include <cmath>

namespace waybill::analysis {
namespace {

std::string rounded(double number) { return std::to_string(std::llround(number)); }

}  // namespace

bool is_whole(const Coverage& coverage) { return why_not_whole(coverage).empty(); }

std::string why_not_whole(const Coverage& coverage) {
  if (coverage.is_sampled) return "spans are sampled";
  if (coverage.dropped > 0) return std::to_string(coverage.dropped) + " spans were dropped";
  if (!coverage.counted && coverage.traced <= 0) return "there is no telemetry of it";
  if (!coverage.counted) return "no metric says whether all of its spans are here";
  // The negation takes a NaN for what it is, too.
  if (!(coverage.traced >= *coverage.counted)) {
    return "spans tell of " + rounded(coverage.traced) + " of " + rounded(*coverage.counted) + " messages";
  }
  return "";
}

std::string why_not_whole_between(const Coverage& coverage, std::int64_t from_ns, std::int64_t until_ns) {
  std::string why = why_not_whole(coverage);
  if (!why.empty()) return why;
  if (coverage.from_ns > from_ns) return "what it did is known from later on only";
  if (coverage.until_ns < until_ns) return "what it did since then is not known yet";
  return "";
}

}  // namespace waybill::analysis
