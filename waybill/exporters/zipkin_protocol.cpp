#include "waybill/exporters/zipkin_protocol.h"

#include <string>

#include "waybill/support/version.h"

namespace waybill::exporters {

HttpHeaders ZipkinProtocol::headers() const {
  return {{"Content-Type", "application/json"}, {"User-Agent", std::string{"Waybill/"} + kVersion}};
}

}  // namespace waybill::exporters
