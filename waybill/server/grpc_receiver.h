#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "waybill/server/ingest.h"
#include "waybill/support/expected.h"

namespace waybill::server {

struct GrpcConfig {
  std::string host;
  int port = 0;       // 0: any that is free
  std::string token;  // empty: nobody needs one
  std::size_t max_message_bytes = 0;
};

// OTLP over gRPC: the three services with which clients export. A call that was answered with OK is in the
// store. Ends with the object. Thread-safe.
class GrpcReceiver {
 public:
  // `ingest` outlives it. The error: the port cannot be had.
  static Expected<std::unique_ptr<GrpcReceiver>> start(const GrpcConfig& config, Ingest& ingest);
  ~GrpcReceiver();
  GrpcReceiver(const GrpcReceiver&) = delete;
  GrpcReceiver& operator=(const GrpcReceiver&) = delete;

  int port() const;

 private:
  struct Parts;
  explicit GrpcReceiver(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace waybill::server
