#include "waybill/server/grpc_receiver.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>

#include <chrono>
#include <cstddef>
#include <string_view>

#include "opentelemetry/proto/collector/logs/v1/logs_service.grpc.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.grpc.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"
#include "waybill/otlp/readers.h"
#include "waybill/server/places.h"

namespace waybill::server {
namespace {

namespace collector = otlp::collector;

constexpr std::ptrdiff_t kMostAtOnce = 8;
// For a call that finds no thread the library answers RESOURCE_EXHAUSTED, and what it brought is lost:
// clients send again only after UNAVAILABLE (OTLP specification, "Failures"). So there are threads in plenty,
// which wait for their turn, and of a connection no more calls than these.
constexpr int kThreads = 1'024;
constexpr int kMostCallsOfAConnection = 16;
// What comes faster than it is read stays at the clients.
constexpr std::size_t kMostBytes = std::size_t{256} << 20U;
constexpr std::chrono::seconds kTimeToEnd{2};

// Of the three services, which differ in nothing but their messages.
class Access {
 public:
  Access(std::string token, Ingest& ingest)
      : expected_{"Bearer " + token}, is_needed_{!token.empty()}, ingest_{ingest} {}

  template <typename Request, typename SetCount>
  grpc::Status receive(const grpc::ServerContext& context, const Request& request, SetCount set_count) {
    if (!is_allowed(context))
      return {grpc::StatusCode::UNAUTHENTICATED, "this server needs a token: authorization: Bearer …"};
    const Place place{places_};
    if (!place.is_taken()) return {grpc::StatusCode::UNAVAILABLE, "too many requests at once"};
    ingest_.count_request();
    otlp::Received received = otlp::read(request);
    if (received.rejected > 0) set_count(received.rejected, received.why);
    // The client tries again when it hears of this one (OTLP specification, "Failures").
    if (const Expected<void> kept = ingest_.keep(std::move(received)); !kept)
      return {grpc::StatusCode::UNAVAILABLE, kept.error().message};
    return grpc::Status::OK;
  }

 private:
  bool is_allowed(const grpc::ServerContext& context) const {
    if (!is_needed_) return true;
    const auto found = context.client_metadata().find("authorization");
    return found != context.client_metadata().end() &&
           std::string_view{found->second.data(), found->second.size()} == expected_;
  }

  std::string expected_;
  bool is_needed_;
  Ingest& ingest_;
  Places places_{kMostAtOnce};
};

class Traces final : public collector::trace::v1::TraceService::Service {
 public:
  explicit Traces(Access& access) : access_{access} {}
  grpc::Status Export(grpc::ServerContext* context,
                      const collector::trace::v1::ExportTraceServiceRequest* request,
                      collector::trace::v1::ExportTraceServiceResponse* response) override {
    return access_.receive(*context, *request, [&](std::int64_t count, const std::string& why) {
      response->mutable_partial_success()->set_rejected_spans(count);
      response->mutable_partial_success()->set_error_message(why);
    });
  }

 private:
  Access& access_;
};

class Metrics final : public collector::metrics::v1::MetricsService::Service {
 public:
  explicit Metrics(Access& access) : access_{access} {}
  grpc::Status Export(grpc::ServerContext* context,
                      const collector::metrics::v1::ExportMetricsServiceRequest* request,
                      collector::metrics::v1::ExportMetricsServiceResponse* response) override {
    return access_.receive(*context, *request, [&](std::int64_t count, const std::string& why) {
      response->mutable_partial_success()->set_rejected_data_points(count);
      response->mutable_partial_success()->set_error_message(why);
    });
  }

 private:
  Access& access_;
};

class Logs final : public collector::logs::v1::LogsService::Service {
 public:
  explicit Logs(Access& access) : access_{access} {}
  grpc::Status Export(grpc::ServerContext* context,
                      const collector::logs::v1::ExportLogsServiceRequest* request,
                      collector::logs::v1::ExportLogsServiceResponse* response) override {
    return access_.receive(*context, *request, [&](std::int64_t count, const std::string& why) {
      response->mutable_partial_success()->set_rejected_log_records(count);
      response->mutable_partial_success()->set_error_message(why);
    });
  }

 private:
  Access& access_;
};

std::string address_of(const GrpcConfig& config) {
  const bool is_ipv6 = config.host.find(':') != std::string::npos;
  return (is_ipv6 ? '[' + config.host + ']' : config.host) + ':' + std::to_string(config.port);
}

}  // namespace

struct GrpcReceiver::Parts {
  Parts(const GrpcConfig& config, Ingest& ingest)
      : access{config.token, ingest}, traces{access}, metrics{access}, logs{access} {}

  Access access;
  Traces traces;
  Metrics metrics;
  Logs logs;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

Expected<std::unique_ptr<GrpcReceiver>> GrpcReceiver::start(const GrpcConfig& config, Ingest& ingest) {
  auto parts = std::make_unique<Parts>(config, ingest);
  grpc::ServerBuilder builder;
  grpc::ResourceQuota quota;
  quota.SetMaxThreads(kThreads);
  quota.Resize(kMostBytes);
  builder.SetResourceQuota(quota);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMostCallsOfAConnection);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // two servers would share the port
  builder.SetMaxReceiveMessageSize(static_cast<int>(config.max_message_bytes));
  builder.AddListeningPort(address_of(config), grpc::InsecureServerCredentials(), &parts->port);
  builder.RegisterService(&parts->traces);
  builder.RegisterService(&parts->metrics);
  builder.RegisterService(&parts->logs);
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr || parts->port == 0)
    return Error{Error::Code::kNetwork,
                 "cannot listen on " + address_of(config) + " for gRPC: is another program there?"};
  return std::unique_ptr<GrpcReceiver>{new GrpcReceiver{std::move(parts)}};
}

GrpcReceiver::GrpcReceiver(std::unique_ptr<Parts> parts) : parts_{std::move(parts)} {}

GrpcReceiver::~GrpcReceiver() { parts_->server->Shutdown(std::chrono::system_clock::now() + kTimeToEnd); }

int GrpcReceiver::port() const { return parts_->port; }

}  // namespace waybill::server
