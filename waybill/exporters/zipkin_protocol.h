#pragma once

#include "waybill/exporters/receiver_protocol.h"

namespace waybill::exporters {

// How a Zipkin server is spoken to: its answers have a status and no more.
class ZipkinProtocol final : public ReceiverProtocol {
 public:
  HttpHeaders headers(bool packed, std::chrono::milliseconds timeout) const override;
  Delivery judge(const HttpAnswer& answer) const override { return judge_status(answer); }
};

}  // namespace waybill::exporters
