#pragma once

#include <string>

#include "waybill/server/answer.h"
#include "waybill/server/parameters.h"
#include "waybill/server/sources.h"

namespace waybill::server {

// The questions of Jaeger's query service that Grafana's and Jaeger's own views ask (Jaeger, "HTTP JSON"):
// services, operations, traces and dependencies. Thread-safe.
class JaegerApi {
 public:
  explicit JaegerApi(Sources sources) : sources_{std::move(sources)} {}

  // `path` behind /api, as "/services". 404: there is no such question.
  Answer answer(const std::string& path, Parameters::Values values) const;

 private:
  Answer services() const;
  Answer operations(const std::string& service, bool with_kinds) const;
  Answer search(Parameters& parameters) const;
  Answer trace(const std::string& id) const;
  Answer dependencies(Parameters& parameters) const;

  Sources sources_;
};

}  // namespace waybill::server
