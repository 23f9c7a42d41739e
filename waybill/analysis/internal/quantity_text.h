#pragma once

#include <string>

namespace waybill::analysis {

// Numbers as a sentence says them.
std::string count_text(double count);        // "1,234"
std::string messages_text(double messages);  // "1 message", "1,234 messages"
std::string rate_text(double per_s);         // "0.04/s", "0.5/s", "120/s": below one a second two decimals
std::string duration_text(double ms);        // "350 ms", "4.2 s", "3 min", "5 h", "2 days"
std::string small_number_text(int number);   // "one", "12"

}  // namespace waybill::analysis
