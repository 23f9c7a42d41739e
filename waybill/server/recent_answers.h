#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <utility>

namespace waybill::server {

// Answers that count for a while, so that nobody is asked for each message what seldom changes. When it is
// full it forgets all of them. The caller knows the time. Thread-compatible.
template <typename Question, typename Answer>
class RecentAnswers {
 public:
  using Time = std::chrono::steady_clock::time_point;

  RecentAnswers(std::chrono::seconds kept, std::size_t most) : kept_{kept}, most_{most} {}

  // Null: none, or an old one.
  const Answer* find(const Question& question, Time now) const {
    const auto found = answers_.find(question);
    const bool is_known = found != answers_.end() && now - found->second.at < kept_;
    return is_known ? &found->second.answer : nullptr;
  }

  void remember(const Question& question, Answer answer, Time now) {
    if (answers_.size() >= most_ && !answers_.contains(question)) answers_.clear();
    answers_.insert_or_assign(question, Known{std::move(answer), now});
  }

 private:
  struct Known {
    Answer answer;
    Time at;
  };
  const std::chrono::seconds kept_;
  const std::size_t most_;
  std::map<Question, Known> answers_;
};

}  // namespace waybill::server
