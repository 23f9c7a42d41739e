#include "waybill/collect/tuning.h"

#include <algorithm>

#include "waybill/configure/parse.h"
#include "waybill/configure/setting_table.h"

namespace waybill::collect {
namespace {

// Lines end with a zero byte. The first one tells what follows, the last one that nothing is missing.
constexpr std::string_view kRequest = "waybill tune request 1";
constexpr std::string_view kAnswer = "waybill tune answer 1";
constexpr std::string_view kEnd = "end";

void add(std::string& text, std::string_view line) {
  text += line;
  text += '\0';
}

void add(std::string& text, std::string_view name, std::string_view value) {
  add(text, std::string{name} + "=" + std::string{value});
}

// The lines between the first, which must be `head`, and the end. None: it is no such text.
std::optional<std::vector<std::string_view>> lines_of(std::string_view text, std::string_view head) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (lines.size() < 2 || lines.front() != head || lines.back() != kEnd) return std::nullopt;
  lines.pop_back();
  lines.erase(lines.begin());
  return lines;
}

struct Line {
  std::string_view name;
  std::string_view value;
};

Line split(std::string_view line) {
  const std::size_t equals = std::min(line.find('='), line.size());
  return {line.substr(0, equals), line.substr(std::min(equals + 1, line.size()))};
}

bool is_tunable(std::string_view name) {
  const auto names = configure::tunable_settings();
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string encode(const TuneRequest& request) {
  std::string text;
  add(text, kRequest);
  add(text, "pid", std::to_string(request.pid));
  add(text, "namespace", std::to_string(request.pid_namespace));
  if (request.reset) add(text, "reset");
  for (const auto& [name, value] : request.changes.variables()) add(text, name, value);
  add(text, kEnd);
  return text;
}

std::optional<TuneRequest> decode_request(std::string_view text) {
  const auto lines = lines_of(text, kRequest);
  if (!lines) return std::nullopt;
  TuneRequest request;
  for (const std::string_view line : *lines) {
    const auto [name, value] = split(line);
    const std::optional<std::uint64_t> number = configure::parse_integer(value);
    if (name == "pid" && number && *number <= INT32_MAX) {
      request.pid = static_cast<std::int32_t>(*number);
    } else if (name == "namespace" && number) {
      request.pid_namespace = *number;
    } else if (name == "reset") {
      request.reset = true;
    } else if (is_tunable(name)) {
      request.changes.set(name, value);
    } else {
      return std::nullopt;
    }
  }
  return request.pid > 0 ? std::optional{request} : std::nullopt;
}

std::string encode(const TuneAnswer& answer) {
  std::string text;
  add(text, kAnswer);
  if (!answer.error.empty()) add(text, "error", answer.error);
  for (const std::string& problem : answer.problems) add(text, "problem", problem);
  add(text, "program", answer.program);
  for (const TunedSetting& setting : answer.settings)
    add(text, (setting.tuned ? "tuned." : "setting.") + setting.name, setting.value);
  add(text, kEnd);
  return text;
}

std::optional<TuneAnswer> decode_answer(std::string_view text) {
  const auto lines = lines_of(text, kAnswer);
  if (!lines) return std::nullopt;
  TuneAnswer answer;
  for (const std::string_view line : *lines) {
    const auto [name, value] = split(line);
    const std::size_t dot = name.find('.');
    if (name == "error") {
      answer.error = value;
    } else if (name == "problem") {
      answer.problems.emplace_back(value);
    } else if (name == "program") {
      answer.program = value;
    } else if (dot != std::string_view::npos) {
      answer.settings.push_back(
          {std::string{name.substr(dot + 1)}, std::string{value}, name.substr(0, dot) == "tuned"});
    }
  }
  return answer;
}

}  // namespace waybill::collect
