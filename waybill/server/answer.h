#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace waybill::server {

// What a question is answered with: an HTTP status and a body. A value.
struct Answer {
  int status = 200;
  std::string type = "application/json";
  std::string body;
};

// Texts come from anybody: what is no UTF-8 in them is replaced.
inline std::string text_of(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

inline Answer ok(const nlohmann::ordered_json& json) { return {200, "application/json", text_of(json)}; }

inline Answer refuse(int status, const std::string& why) {
  return {status, "application/json", text_of({{"error", why}})};
}

}  // namespace waybill::server
