#include "waybill/exporters/zipkin_protocol.h"

#include <string>

#include "waybill/support/version.h"

namespace waybill::exporters {

HttpHeaders ZipkinProtocol::headers(bool packed, std::chrono::milliseconds) const {
  HttpHeaders headers = content_headers("application/json", packed);
  headers.emplace_back("User-Agent", std::string{"Waybill/"} + kVersion);
  return headers;
}

}  // namespace waybill::exporters
