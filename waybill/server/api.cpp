#include "waybill/server/api.h"

#include <map>

#include "waybill/server/csv.h"
#include "waybill/server/questions/questions.h"

namespace waybill::server {
namespace {

// What is a list has a name here, under which it stands in the answer.
struct Question {
  Answer (*answer)(const Sources&, Parameters&);
  const char* list;
};

const std::map<std::string, Question>& questions() {
  static const std::map<std::string, Question> all{
      {"/status", {answer_status, nullptr}},      {"/names", {answer_names, "names"}},
      {"/overview", {answer_overview, "topics"}}, {"/messages", {answer_messages, "messages"}},
      {"/message", {answer_message, nullptr}},    {"/traces", {answer_traces, "traces"}},
      {"/flow", {answer_flow, "edges"}},          {"/lag", {answer_lag, "groups"}},
      {"/loss", {answer_loss, "named"}},
  };
  return all;
}

Answer answer_about_trace(const Sources& sources, Parameters& parameters, const std::string& rest) {
  const std::string digits = rest.substr(0, rest.find('/'));
  const context::TraceId id = trace_id_of(digits);
  if (!id.valid()) return refuse(400, "a trace is named by 32 hexadecimal digits, not by \"" + digits + '"');
  if (rest == digits) return answer_trace(sources, parameters, id);
  if (rest == digits + "/otlp") return answer_trace_data(sources, parameters, id);
  return refuse(404, "there is no such question");
}

constexpr const char* kTraces = "/traces/";

}  // namespace

Answer Api::answer(const std::string& path, Parameters::Values values) const {
  Parameters parameters{std::move(values), sources_.now_ns()};
  if (path.starts_with(kTraces))
    return answer_about_trace(sources_, parameters, path.substr(std::char_traits<char>::length(kTraces)));
  const auto found = questions().find(path);
  if (found == questions().end()) return refuse(404, "there is no question " + path);
  Answer answer = found->second.answer(sources_, parameters);
  if (answer.status != 200 || parameters.text("format") != "csv") return answer;
  if (found->second.list == nullptr) return refuse(400, path + " is no list: it has no CSV");
  return {200, "text/csv; charset=utf-8",
          csv_of(nlohmann::ordered_json::parse(answer.body)[found->second.list])};
}

}  // namespace waybill::server
