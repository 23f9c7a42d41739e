#pragma once

#include <filesystem>
#include <string>

#include "waybill/server/api.h"
#include "waybill/server/ingest.h"
#include "waybill/server/jaeger_api.h"

namespace httplib {
class Server;
}

namespace waybill::server {

struct RouteConfig {
  std::string token;
  bool is_loopback = true;
  std::filesystem::path pages;
  std::size_t max_body_bytes = 0;
};

// Tells a server what to do with which path: /v1/… of OTLP, /api/v1/…, Jaeger's /api/…, and the pages. All
// outlive it.
void add_routes(httplib::Server& http, const RouteConfig& config, Ingest& ingest, const Api& api,
                const JaegerApi& jaeger);

}  // namespace waybill::server
