#include "waybill/server/questions/questions.h"
#include "waybill/server/questions/shapes.h"
#include "waybill/support/version.h"

namespace waybill::server {
namespace {

Json time_or_null(std::int64_t ns) { return ns == 0 ? Json(nullptr) : Json(ms_of(ns)); }

}  // namespace

Answer answer_status(const Sources& sources, Parameters& parameters) {
  const store::Status store = sources.store.status();
  const Received received = sources.received();
  return ok({{"version", kVersion},
             {"now_ms", ms_of(parameters.now_ns())},
             {"started_ms", ms_of(sources.started_ns)},
             {"store",
              {{"spans", store.spans},
               {"log_records", store.log_records},
               {"metric_points", store.points},
               {"bytes", store.bytes},
               {"max_bytes", sources.max_bytes},
               {"max_age_s", sources.max_age_s},
               {"oldest_ms", time_or_null(store.oldest_ns)},
               {"newest_ms", time_or_null(store.newest_ns)}}},
             {"received",
              {{"requests", received.requests},
               {"refused_requests", received.refused_requests},
               {"rejected_items", received.rejected_items}}},
             {"brokers",
              {{"asked", sources.brokers.may_ask()},
               {"servers", sources.brokers.servers()},
               {"error", text_or_null(sources.brokers.last_error())}}}});
}

Answer answer_names(const Sources& sources, Parameters& parameters) {
  const std::string kind = parameters.text("kind");
  store::Store::NameKind of = store::Store::NameKind::kTopic;
  if (kind == "service") {
    of = store::Store::NameKind::kService;
  } else if (kind == "group") {
    of = store::Store::NameKind::kGroup;
  } else if (kind != "topic") {
    parameters.complain("kind", "topic, service or group");
  }
  if (!parameters.what_is_wrong().empty()) return refuse(400, parameters.what_is_wrong());
  const auto names = sources.store.names(of, parameters.text("prefix"), 1'000);
  if (!names) return refuse(503, names.error().message);
  return ok({{"names", *names}});
}

}  // namespace waybill::server
