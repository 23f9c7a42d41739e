#include "waybill/server/lag_search.h"
#include "waybill/server/questions/questions.h"
#include "waybill/server/questions/shapes.h"

namespace waybill::server {
namespace {

using server::json_of;

Json json_of(const std::vector<std::optional<double>>& series) {
  Json all = Json::array();
  for (const std::optional<double>& value : series) all.push_back(or_null(value));
  return all;
}

Json json_of(const analysis::PartitionReport& report) {
  return {{"partition", report.partition},
          {"lag", report.lag},
          {"lag_time_ms", or_null(report.lag_time_ms)},
          {"is_lower_bound", report.is_lower_bound},
          {"trend_per_s", or_null(report.trend_per_s)},
          {"next_offset", or_null(report.next_offset)},
          {"series", json_of(report.series)}};
}

Json json_of(const analysis::GroupReport& report, const store::Window& window) {
  Json partitions = Json::array();
  for (const analysis::PartitionReport& partition : report.partitions)
    partitions.push_back(json_of(partition));
  const auto steps = static_cast<std::int64_t>(report.lag_series.empty() ? 1 : report.lag_series.size());
  return {{"group", report.group},
          {"topic", report.topic},
          {"state", analysis::name_of(report.state)},
          {"text", report.text},
          {"advice", text_or_null(report.advice)},
          {"lag", report.lag},
          {"lag_time_ms", or_null(report.lag_time_ms)},
          {"is_lower_bound", report.is_lower_bound},
          {"trend_per_s", or_null(report.trend_per_s)},
          {"arriving_per_s", or_null(report.arriving_per_s)},
          {"processing_per_s", or_null(report.processing_per_s)},
          {"catch_up_s", or_null(report.catch_up_s)},
          {"busy_partitions", report.busy_partitions},
          {"services", report.services},
          {"series",
           {{"start_ms", ms_of(window.from_ns)},
            {"step_ms", ms_of((window.to_ns - window.from_ns) / steps)},
            {"lag", json_of(report.lag_series)},
            {"lag_time_ms", json_of(report.lag_time_ms_series)}}},
          {"partitions", partitions}};
}

}  // namespace

Answer answer_lag(const Sources& sources, Parameters& parameters) {
  const LagQuestion question{parameters.window(), parameters.text("group"), parameters.text("topic")};
  if (!parameters.what_is_wrong().empty()) return refuse(400, parameters.what_is_wrong());
  const auto reports = find_lags(sources, question);
  if (!reports) return refuse(503, reports.error().message);
  Json groups = Json::array();
  for (const analysis::GroupReport& report : *reports) groups.push_back(json_of(report, question.window));
  return ok({{"window", json_of(question.window)}, {"groups", groups}});
}

}  // namespace waybill::server
