#include "waybill/server/ingest.h"

#include <optional>
#include <utility>
#include <vector>

namespace waybill::server {
namespace {

constexpr const char* kProtobuf = "application/x-protobuf";
constexpr const char* kJson = "application/json";

// As google.rpc.Code has them.
constexpr int kInvalidArgument = 3;
constexpr int kUnavailable = 14;

std::optional<otlp::Encoding> encoding_of(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  if (type == kProtobuf) return otlp::Encoding::kProtobuf;
  if (type == kJson) return otlp::Encoding::kJson;
  return std::nullopt;
}

}  // namespace

Answer Ingest::receive(otlp::Signal signal, std::string_view content_type, std::string_view body) {
  ++requests_;
  const std::optional<otlp::Encoding> encoding = encoding_of(content_type);
  if (!encoding) {
    ++refused_;
    return refuse(415, "Content-Type must be application/x-protobuf or application/json, but is \"" +
                           std::string{content_type} + '"');
  }
  const std::string type = *encoding == otlp::Encoding::kJson ? kJson : kProtobuf;
  Expected<otlp::Received> received = otlp::read_request(signal, *encoding, body);
  if (!received) {
    ++refused_;
    return {400, type, otlp::write_failure(*encoding, kInvalidArgument, received.error().message)};
  }
  const std::string response = otlp::write_response(signal, *encoding, *received);
  // The client tries again when it hears of 503 (OTLP specification, "Failures").
  if (const Expected<void> kept = keep(std::move(*received)); !kept)
    return {503, type, otlp::write_failure(*encoding, kUnavailable, kept.error().message)};
  return {200, type, response};
}

Expected<void> Ingest::keep(otlp::Received received) {
  rejected_ += static_cast<std::uint64_t>(received.rejected);
  store::Batch batch{std::move(received.spans), std::move(received.log_records), std::move(received.points)};
  if (batch.spans.empty() && batch.log_records.empty() && batch.points.empty()) return {};
  const Expected<std::vector<bool>> are_new = store_.insert(batch);
  if (!are_new) return are_new.error();
  // What a client sends again counts once.
  std::size_t at = 0;
  std::erase_if(batch.spans, [&](const evidence::Span&) { return !(*are_new)[at++]; });
  flow_.add(batch.spans, now_ns_());
  return {};
}

Received Ingest::received() const { return {requests_, refused_, rejected_}; }

}  // namespace waybill::server
