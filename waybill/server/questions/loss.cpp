#include "waybill/server/loss_search.h"
#include "waybill/server/questions/questions.h"
#include "waybill/server/questions/shapes.h"

namespace waybill::server {
namespace {

using server::json_of;

Json json_of(const analysis::ProducedBooks& books) {
  Json errors = Json::array();
  for (const analysis::ErrorCount& error : books.errors)
    errors.push_back({{"error", error.error}, {"messages", error.messages}});
  return {{"attempted", books.attempted},
          {"rejected", books.rejected},
          {"acknowledged", books.acknowledged},
          {"failed", books.failed},
          {"possibly_persisted", books.possibly_persisted},
          {"in_flight", or_null(books.in_flight)},
          {"errors", errors}};
}

Json json_of(const analysis::GroupBooks& books) {
  return {{"group", books.group},          {"acknowledged", books.acknowledged},
          {"processed", books.processed},  {"pending", books.pending},
          {"skipped", books.skipped},      {"lost", books.lost},
          {"unknown", books.unknown},      {"failed", books.failed},
          {"duplicated", books.duplicated}};
}

Json json_of(const analysis::TopicBooks& books) {
  Json groups = Json::array();
  for (const analysis::GroupBooks& group : books.groups) groups.push_back(json_of(group));
  return {{"topic", books.topic}, {"produced", json_of(books.produced)}, {"groups", groups}};
}

Json json_of(const analysis::NamedLoss& loss) {
  return {{"message", json_of(loss.message)},  {"last_offset", or_null(loss.last_offset)},
          {"group", text_or_null(loss.group)}, {"time_ms", ms_of(loss.time_ns)},
          {"service", loss.service},           {"verdict", json_of(loss.verdict)}};
}

template <typename Values>
Json list_of(const Values& values) {
  Json all = Json::array();
  for (const auto& value : values) all.push_back(json_of(value));
  return all;
}

}  // namespace

Answer answer_loss(const Sources& sources, Parameters& parameters) {
  const LossQuestion question{parameters.window(), parameters.text("topic"), parameters.text("group")};
  if (!parameters.what_is_wrong().empty()) return refuse(400, parameters.what_is_wrong());
  const auto input = find_losses(sources, question, parameters.now_ns());
  if (!input) return refuse(503, input.error().message);
  bool is_from_metrics = false;
  for (const analysis::SendTally& tally : input->sends)
    is_from_metrics = is_from_metrics || tally.from_metrics;
  const analysis::LossBooks books = analysis::balance(*input);
  return ok({{"window", json_of(question.window)},
             {"source", is_from_metrics ? "metrics" : "spans"},
             {"topics", list_of(books.topics)},
             {"named", list_of(books.named)},
             {"reasons_for_unknown", books.reasons_for_unknown}});
}

}  // namespace waybill::server
