#pragma once

#include <string>

#include "waybill/server/answer.h"
#include "waybill/server/parameters.h"
#include "waybill/server/sources.h"

namespace waybill::server {

// Answers what openapi.yaml describes. Knows nothing of HTTP but statuses. Thread-safe.
class Api {
 public:
  explicit Api(Sources sources) : sources_{std::move(sources)} {}

  // `path` behind /api/v1, as "/messages". 404: there is no such question.
  Answer answer(const std::string& path, Parameters::Values values) const;

 private:
  Sources sources_;
};

}  // namespace waybill::server
