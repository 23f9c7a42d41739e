#include "waybill/exporters/otlp_grpc_protocol.h"

#include <absl/strings/escaping.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "waybill/configure/parse.h"
#include "waybill/exporters/otlp_response.h"
#include "waybill/exporters/protobuf_reader.h"
#include "waybill/support/version.h"

namespace waybill::exporters {
namespace {

using Outcome = Delivery::Outcome;
using std::chrono::milliseconds;

// The length of a message stands in front of it, after one byte that tells whether it is packed.
constexpr std::size_t kPrefixSize = 5;

constexpr std::uint64_t kOk = 0, kUnknown = 2, kResourceExhausted = 8;

struct Code {
  std::string_view name;
  bool may_retry = false;
};
constexpr auto kCodes = std::to_array<Code>({
    {"OK"},
    {"CANCELLED", true},
    {"UNKNOWN"},
    {"INVALID_ARGUMENT"},
    {"DEADLINE_EXCEEDED", true},
    {"NOT_FOUND"},
    {"ALREADY_EXISTS"},
    {"PERMISSION_DENIED"},
    {"RESOURCE_EXHAUSTED"},  // only where the receiver says that it will recover
    {"FAILED_PRECONDITION"},
    {"ABORTED", true},
    {"OUT_OF_RANGE", true},
    {"UNIMPLEMENTED"},
    {"INTERNAL"},
    {"UNAVAILABLE", true},
    {"DATA_LOSS", true},
    {"UNAUTHENTICATED"},
});

std::optional<std::string_view> find_header(const HttpAnswer& answer, std::string_view name) {
  const auto found = std::find_if(answer.headers.begin(), answer.headers.end(),
                                  [&](const auto& header) { return header.first == name; });
  if (found == answer.headers.end()) return std::nullopt;
  return found->second;
}

std::string_view message_field(std::string_view message, std::uint64_t number) {
  ProtobufReader::Field field;
  for (ProtobufReader fields{message}; fields.next(field);) {
    if (field.number == number) return field.bytes;
  }
  return {};
}

// A google.protobuf.Duration, an hour at most: nothing here waits longer.
milliseconds duration_of(std::string_view duration) {
  constexpr std::uint64_t kMostSeconds = 3600, kMostNanoseconds = 999'999'999;
  std::uint64_t seconds = 0, nanoseconds = 0;
  ProtobufReader::Field field;
  for (ProtobufReader fields{duration}; fields.next(field);) {
    if (field.number == 1) seconds = std::min(field.varint, kMostSeconds);
    if (field.number == 2) nanoseconds = std::min(field.varint, kMostNanoseconds);
  }
  return milliseconds{seconds * 1000 + nanoseconds / 1'000'000};
}

// What a google.rpc.RetryInfo among the details of the status asks for. None: there is no such detail.
std::optional<milliseconds> retry_delay(const HttpAnswer& answer) {
  constexpr std::uint64_t kStatusDetails = 3, kAnyType = 1, kAnyValue = 2, kRetryInfoDelay = 1;
  const std::string text{find_header(answer, "grpc-status-details-bin").value_or("")};
  std::string status;
  if (!absl::Base64Unescape(text, &status)) return std::nullopt;
  ProtobufReader::Field detail;
  for (ProtobufReader fields{status}; fields.next(detail);) {
    if (detail.number != kStatusDetails) continue;
    if (message_field(detail.bytes, kAnyType).ends_with("/google.rpc.RetryInfo"))
      return duration_of(message_field(message_field(detail.bytes, kAnyValue), kRetryInfoDelay));
  }
  return std::nullopt;
}

std::string reason_of(const HttpAnswer& answer, std::uint64_t code) {
  std::string reason = "it answered ";
  reason += code < kCodes.size() ? kCodes[code].name : kCodes[kUnknown].name;
  const std::string_view message = find_header(answer, "grpc-message").value_or("");
  if (!message.empty()) reason += ": " + configure::percent_decode(message).value_or(std::string{message});
  return reason;
}

Delivery taken(const HttpAnswer& answer) {
  Delivery delivery;
  const std::string_view message = answer.body;
  if (message.size() < kPrefixSize || message.front() != 0) return delivery;  // unreadable: all was taken
  PartialSuccess partial = decode_otlp_response(message.substr(kPrefixSize));
  delivery.rejected_items = partial.rejected_items;
  delivery.reason = std::move(partial.message);
  return delivery;
}

// Something between us and the receiver answered, or one that does not speak gRPC. gRPC's "HTTP to gRPC
// Status Code Mapping" makes a code of its status that may be tried again where judge_status() says so too.
Delivery judge_without_code(const HttpAnswer& answer) {
  Delivery delivery = judge_status(answer);
  if (delivery.outcome == Outcome::kTaken) delivery.outcome = Outcome::kRejected;
  delivery.reason = "it answered " + std::to_string(answer.status) + " and did not speak gRPC";
  return delivery;
}

}  // namespace

HttpHeaders OtlpGrpcProtocol::headers(bool packed, milliseconds timeout) const {
  constexpr std::int64_t kMostTimeout = 99'999'999;  // eight digits
  HttpHeaders headers{
      {"Content-Type", "application/grpc"},
      {"TE", "trailers"},
      {"grpc-timeout", std::to_string(std::clamp<std::int64_t>(timeout.count(), 1, kMostTimeout)) + "m"},
      {"User-Agent", std::string{"OTel-OTLP-Exporter-Waybill/"} + kVersion}};
  if (packed) headers.emplace_back("grpc-encoding", "gzip");
  return headers;
}

std::string_view OtlpGrpcProtocol::frame(std::string_view body, bool packed) {
  message_.assign(1, packed ? '\1' : '\0');
  for (int shift = 24; shift >= 0; shift -= 8) message_ += static_cast<char>((body.size() >> shift) & 0xffU);
  return message_ += body;
}

Delivery OtlpGrpcProtocol::judge(const HttpAnswer& answer) const {
  const std::optional<std::string_view> status = find_header(answer, "grpc-status");
  if (!status) return judge_without_code(answer);
  const std::uint64_t code = configure::parse_integer(*status).value_or(kUnknown);
  if (code == kOk) return taken(answer);
  Delivery delivery{Outcome::kRejected, 0, reason_of(answer, code), 0, retry_delay(answer)};
  const bool may_retry = code < kCodes.size() && kCodes[code].may_retry;
  const bool recovers = code == kResourceExhausted && delivery.retry_after;
  if (may_retry || recovers) delivery.outcome = Outcome::kUnreachable;
  return delivery;
}

}  // namespace waybill::exporters
