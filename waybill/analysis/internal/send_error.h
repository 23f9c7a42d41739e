#pragma once

#include <string>
#include <string_view>

#include "waybill/evidence/span.h"

namespace waybill::analysis {

// What the end of a send says about its message.
enum class SendEnd : std::uint8_t {
  kAcknowledged = 0,
  kRejected,           // it never left the client
  kRefused,            // a broker did not take it
  kPossiblyPersisted,  // nobody knows
};

struct SendFate {
  SendEnd end = SendEnd::kAcknowledged;
  std::string cause;  // message_timed_out; empty if it was acknowledged
};

// From librdkafka's names of errors and the classes of Java's exceptions. What the client itself says
// persisted, or did not, counts more than the error. An error that is not known leaves it open.
SendFate fate_of_send(std::string_view error, evidence::Persistence persistence);

}  // namespace waybill::analysis
