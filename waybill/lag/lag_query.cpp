#include "waybill/lag/lag_query.h"

#include <pthread.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace waybill::lag {

Expected<std::unique_ptr<LagQuery>> LagQuery::start(const LagQueryConfig& config, Log& log) {
  auto survey = ClusterSurvey::open(config.survey, log);
  if (!survey) return survey.error();
  try {
    return std::unique_ptr<LagQuery>{new LagQuery{config, std::move(*survey), log}};
  } catch (const std::system_error& error) {  // no thread can be had
    return Error{Error::Code::kIo, error.what()};
  }
}

LagQuery::LagQuery(const LagQueryConfig& config, std::unique_ptr<ClusterSurvey> survey, Log& log)
    : interval_{config.interval},
      cluster_{config.survey.cluster.bootstrap_servers},
      log_{log},
      survey_{std::move(survey)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {
  pthread_setname_np(thread_.native_handle(), "waybill:lag");
}

LagQuery::~LagQuery() = default;  // the thread is asked to stop, and joined first

void LagQuery::watch(std::vector<HostPartition> partitions) {
  const std::scoped_lock lock{mutex_};
  watched_ = std::move(partitions);
  wake_.notify_all();
}

std::shared_ptr<const LagAnswer> LagQuery::latest() const {
  const std::scoped_lock lock{mutex_};
  return latest_;
}

std::vector<HostPartition> LagQuery::watched() const {
  const std::scoped_lock lock{mutex_};
  return watched_;
}

void LagQuery::run(const std::stop_token& stop) {
  std::chrono::milliseconds pause = interval_;
  wait_for_partitions(stop);
  while (!stop.stop_requested()) {
    pause = ask_once(pause, stop);
    std::unique_lock lock{mutex_};
    wake_.wait_for(lock, stop, pause, [] { return false; });
  }
  survey_.reset();  // here, because librdkafka waits for its own threads
  ended_ = true;
}

// So that the first answer says something.
void LagQuery::wait_for_partitions(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  wake_.wait(lock, stop, [this] { return !watched_.empty(); });
}

// Returns how long to wait before the next time: longer and longer while nobody answers.
std::chrono::milliseconds LagQuery::ask_once(std::chrono::milliseconds pause, const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kLongestPause{60'000};
  Expected<LagAnswer> answer = survey_->ask([this] { return watched(); }, stop);
  if (stop.stop_requested()) return pause;
  if (!answer) {
    log_.warning("lag " + cluster_, "Kafka at " + cluster_ + " does not say how far its groups are behind: " +
                                        answer.error().message);
    return std::max(interval_, std::min(2 * pause, kLongestPause));
  }
  auto shared = std::make_shared<const LagAnswer>(std::move(*answer));
  const std::scoped_lock lock{mutex_};
  latest_ = std::move(shared);
  return interval_;
}

}  // namespace waybill::lag
