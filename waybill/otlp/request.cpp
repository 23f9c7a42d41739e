#include "waybill/otlp/request.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/util/json_util.h>

#include <nlohmann/json.hpp>
#include <type_traits>

#include "waybill/otlp/internal/json_ids.h"
#include "waybill/otlp/readers.h"

namespace waybill::otlp {
namespace {

// The message is the arena's.
template <typename Message>
Expected<const Message*> parse(Encoding encoding, std::string_view body, google::protobuf::Arena& arena) {
  auto& message = *google::protobuf::Arena::CreateMessage<Message>(&arena);
  if (encoding == Encoding::kProtobuf) {
    if (!message.ParseFromArray(body.data(), static_cast<int>(body.size())))
      return Error{Error::Code::kUsage, "the body is no " + message.GetTypeName() + " in protobuf"};
    return &message;
  }
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status =
      google::protobuf::util::JsonStringToMessage({body.data(), body.size()}, &message, options);
  if (!status.ok())
    return Error{Error::Code::kUsage,
                 "the body is no " + message.GetTypeName() + " in JSON: " + status.ToString()};
  internal::read_ids(message);
  return &message;
}

template <typename Message>
Expected<Received> parse_and_read(Encoding encoding, std::string_view body) {
  google::protobuf::Arena arena;  // thousands of small parts, allocated and freed at once
  const Expected<const Message*> message = parse<Message>(encoding, body, arena);
  if (!message) return message.error();
  return read(**message);
}

std::string write(Encoding encoding, const google::protobuf::Message& message) {
  if (encoding == Encoding::kProtobuf) return message.SerializeAsString();
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json);  // of ours; nothing can fail
  return json;
}

template <typename Response, typename SetCount>
std::string response(Encoding encoding, const Received& received, SetCount set_count) {
  Response answer;
  if (received.rejected > 0) {
    set_count(*answer.mutable_partial_success(), received.rejected);
    answer.mutable_partial_success()->set_error_message(received.why);
  }
  return write(encoding, answer);
}

}  // namespace

Expected<Received> read_request(Signal signal, Encoding encoding, std::string_view body) {
  switch (signal) {
    case Signal::kTraces:
      return parse_and_read<collector::trace::v1::ExportTraceServiceRequest>(encoding, body);
    case Signal::kMetrics:
      return parse_and_read<collector::metrics::v1::ExportMetricsServiceRequest>(encoding, body);
    case Signal::kLogs:
      break;
  }
  return parse_and_read<collector::logs::v1::ExportLogsServiceRequest>(encoding, body);
}

std::string write_response(Signal signal, Encoding encoding, const Received& received) {
  switch (signal) {
    case Signal::kTraces:
      return response<collector::trace::v1::ExportTraceServiceResponse>(
          encoding, received, [](auto& partial, std::int64_t count) { partial.set_rejected_spans(count); });
    case Signal::kMetrics:
      return response<collector::metrics::v1::ExportMetricsServiceResponse>(
          encoding, received,
          [](auto& partial, std::int64_t count) { partial.set_rejected_data_points(count); });
    case Signal::kLogs:
      break;
  }
  return response<collector::logs::v1::ExportLogsServiceResponse>(
      encoding, received, [](auto& partial, std::int64_t count) { partial.set_rejected_log_records(count); });
}

std::string write_failure(Encoding encoding, int code, std::string_view message) {
  if (encoding == Encoding::kJson) {
    const nlohmann::ordered_json status{{"code", code}, {"message", message}};
    return status.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }
  // A google.rpc.Status, whose generated code is in no package: code = 1, message = 2.
  google::protobuf::Empty status;
  google::protobuf::UnknownFieldSet* fields =
      google::protobuf::Empty::GetReflection()->MutableUnknownFields(&status);
  fields->AddVarint(1, static_cast<std::uint64_t>(code));
  fields->AddLengthDelimited(2, std::string{message});
  return write(encoding, status);
}

}  // namespace waybill::otlp
