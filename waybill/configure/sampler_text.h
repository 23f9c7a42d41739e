#pragma once

#include <string_view>
#include <vector>

#include "waybill/configure/settings.h"
#include "waybill/support/expected.h"

// How samplers and rules are read from text. An error says what is wrong, without what is done about it.
namespace waybill::configure {

// "always_on", "traceidratio=0.1", "ratelimited=5", "ratelimited_per_topic=5", "rules", "application".
Expected<SamplerChoice> parse_sampler(std::string_view text);

// "topic=payments.*,operation=send:traceidratio=0.1", or "*:always_off". The last colon ends the conditions.
Expected<SamplerRule> parse_sampler_rule(std::string_view text);

// The members of a list with semicolons between, trimmed, without empty ones.
std::vector<std::string_view> parse_semicolon_list(std::string_view text);

}  // namespace waybill::configure
