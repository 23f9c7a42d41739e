#include "waybill/collect/answer_tuning.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>

#include "waybill/collect/tuning.h"
#include "waybill/configure/setting_table.h"

namespace waybill::collect {
namespace {

// So many of the files that stand there are looked at: anybody may put some there.
constexpr std::size_t kMostFiles = 64;

std::string read_all(const FileDescriptor& file) {
  std::string text(kMostTuneBytes, '\0');
  const ssize_t size = pread(file.get(), text.data(), text.size(), 0);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

// The end comes last: without it an answer is not complete.
void write_answer(const FileDescriptor& file, const TuneAnswer& answer) {
  const std::string text = encode(answer);
  if (ftruncate(file.get(), 0) != 0) return;
  [[maybe_unused]] const ssize_t ignored = pwrite(file.get(), text.data(), text.size(), 0);
}

TuneAnswer refusal(std::string error) { return {std::move(error), {}, {}, {}}; }

// Every setting that can be tuned, as it counts for the host.
std::vector<TunedSetting> settings_of(const Host& host) {
  const configure::CombinedSettings now = host.settings_now();
  std::vector<TunedSetting> settings;
  for (const std::string_view name : configure::tunable_settings()) {
    const auto value = now.values.get(name);
    settings.push_back({std::string{name},
                        std::string{value ? *value : configure::find_setting(name)->default_text},
                        host.tuned().variables().contains(name)});
  }
  return settings;
}

// What shall have been tuned when the request is granted.
configure::Environment wanted(const Host& host, const TuneRequest& request) {
  configure::Environment tuned = request.reset ? configure::Environment{} : host.tuned();
  for (const auto& [name, value] : request.changes.variables()) tuned.set(name, value);
  return tuned;
}

TuneAnswer answer_for(const RuntimeDirectory& directory, Host& host, const TuneRequest& request) {
  TuneAnswer answer;
  const configure::Environment tuned = wanted(host, request);
  if (!(tuned == host.tuned())) {
    for (const configure::Problem& problem : host.tune(tuned)) answer.problems.push_back(describe(problem));
    if (!answer.problems.empty()) {
      answer.error = "nothing is changed";
    } else {
      // As a request, which a later collecting process takes as it takes any.
      const bool nothing = tuned.variables().empty();
      directory.keep_tuned(host.name(),
                           nothing ? std::string{} : encode(TuneRequest{request.pid, 0, false, tuned}));
    }
  }
  answer.program = host.program();
  answer.settings = settings_of(host);
  return answer;
}

TuneAnswer answer_for(const RuntimeDirectory& directory, const std::vector<std::unique_ptr<Host>>& hosts,
                      const TuneRequest& request, uid_t asker) {
  const auto host = std::find_if(hosts.begin(), hosts.end(), [&](const auto& one) {
    return one->is_process(request.pid, request.pid_namespace);
  });
  const std::string process = "process " + std::to_string(request.pid);
  if (host == hosts.end())
    return refusal(process + " is not traced here: it has made no Kafka client yet, or runs without Waybill");
  if (asker != 0 && asker != (*host)->owner())
    return refusal(process + " is another user's: only that user and root may change its settings");
  return answer_for(directory, **host, request);
}

}  // namespace

void answer_tuning(const RuntimeDirectory& directory, const std::vector<std::unique_ptr<Host>>& hosts) {
  std::vector<std::string> names = directory.tune_files();
  if (names.size() > kMostFiles) names.resize(kMostFiles);
  for (const std::string& name : names) {
    const Expected<OpenSegment> file = directory.open_tune_file(name);
    if (!file) continue;
    if (const std::optional<TuneRequest> request = decode_request(read_all(file->file)))
      write_answer(file->file, answer_for(directory, hosts, *request, file->owner));
  }
}

configure::Environment tuned_before(const RuntimeDirectory& directory, const std::string& segment) {
  const std::optional<TuneRequest> request = decode_request(directory.tuned(segment));
  return request ? request->changes : configure::Environment{};
}

}  // namespace waybill::collect
