#include "waybill/client/internal/application_code.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "waybill/base/cancellation_hold.h"
#include "waybill/client/internal/cores.h"

namespace waybill::internal {
namespace {

struct Installed {
  std::shared_ptr<CustomSampler> sampler;
  AttributeExtractor attributes;
  mutable Log log;
};

// What is installed at a host side, and what was and may still be called. Thread-safe.
class Slot {
 public:
  // Calls `call` with what is installed, which stays until it returns; null: nothing is.
  template <typename Call>
  void use(Call&& call) {
    const User user{users_};
    call(now_.load());
  }

  // Who counts itself after the exchange finds the next one; so when nobody counts, nobody has another.
  void replace(std::unique_ptr<const Installed> next) {
    std::vector<std::unique_ptr<const Installed>> unused;  // its destructors run without the lock
    const Installed* before = now_.exchange(next.release());
    const std::scoped_lock lock{mutex_};
    if (before != nullptr) retired_.emplace_back(before);
    if (users_.load() == 0) retired_.swap(unused);
  }

 private:
  struct User {
    explicit User(std::atomic<std::size_t>& count) : users{count} { ++users; }
    ~User() { --users; }
    User(const User&) = delete;
    User& operator=(const User&) = delete;
    std::atomic<std::size_t>& users;
  };

  std::atomic<const Installed*> now_{nullptr};
  std::atomic<std::size_t> users_{0};
  std::mutex mutex_;
  std::vector<std::unique_ptr<const Installed>> retired_;
};

// Never destroyed: hooks may run while the process ends.
Slot& slot(std::size_t number) {
  static auto& slots = *new std::array<Slot, kMostCores>;
  return slots[number];
}

void say_thrown(Log& log, const char* what, const char* thrown) noexcept try {
  log.warning(what, std::string{what} + " threw: " + thrown);
} catch (...) {  // there is no memory to say it with
}

// Runs code of the application's within a hook, through which no exception may pass. Nor may the end of a
// cancelled thread pass through a `catch (...)`.
template <typename Call>
void run_contained(Log& log, const char* what, Call&& call) {
  const base::CancellationHold hold;
  try {
    call();
  } catch (const std::exception& error) {
    say_thrown(log, what, error.what());
  } catch (...) {
    say_thrown(log, what, "what is no std::exception");
  }
}

std::string_view type_of(segment::Operation operation) {
  switch (operation) {
    case segment::Operation::kSend:
      return "send";
    case segment::Operation::kReceive:
      return "receive";
    case segment::Operation::kProcess:
      return "process";
    case segment::Operation::kSettle:
      return "settle";
    case segment::Operation::kTransaction:
      return "transaction";
  }
  return {};
}

bool ask_sampler(const Installed* now, const observe::SamplingQuestion& question) {
  bool sampled = true;
  if (now == nullptr || now->sampler == nullptr) return sampled;  // its telemetry has ended meanwhile
  run_contained(now->log, "the application's sampler", [&] {
    SpanContext parent;
    if (question.parent != nullptr)
      parent = {question.parent->trace_id.bytes, question.parent->span_id.bytes, question.parent->flags};
    sampled = now->sampler->should_sample({.operation = type_of(question.operation),
                                           .topic = question.topic,
                                           .client_id = question.client_id,
                                           .consumer_group = question.group,
                                           .trace_id = question.trace_id.bytes,
                                           .parent = question.parent == nullptr ? nullptr : &parent,
                                           .parent_is_remote = question.parent_is_remote});
  });
  return sampled;
}

void describe(const Installed* now, const observe::DescribedMessage& message,
              observe::GivenAttributes& given) {
  if (now == nullptr || !now->attributes) return;
  run_contained(now->log, "the application's extractor of attributes", [&] {
    MessageAttributes attributes{given};
    now->attributes(MessageView{message}, attributes);
  });
}

// What a host side calls says nothing of who calls: so each has functions of its own.
struct Functions {
  observe::AskApplication ask;
  observe::DescribeMessage describe;
};

template <std::size_t kNumber>
constexpr Functions functions_of() {
  return {[](const observe::SamplingQuestion& question) {
            bool sampled = true;
            slot(kNumber).use([&](const Installed* now) { sampled = ask_sampler(now, question); });
            return sampled;
          },
          [](const observe::DescribedMessage& message, observe::GivenAttributes& given) {
            slot(kNumber).use([&](const Installed* now) { describe(now, message, given); });
          }};
}

template <std::size_t... kNumbers>
constexpr std::array<Functions, kMostCores> all_functions(std::index_sequence<kNumbers...>) {
  return {functions_of<kNumbers>()...};
}
constexpr std::array<Functions, kMostCores> kFunctions =
    all_functions(std::make_index_sequence<kMostCores>{});

}  // namespace

void install(const agent::EntryPoints& core, const ApplicationCode& code, Log::Level level) {
  const std::size_t number = number_of(core);
  slot(number).replace(
      std::unique_ptr<const Installed>{new Installed{code.sampler, code.attributes, Log{level}}});
  core.sample_by(code.sampler != nullptr ? kFunctions[number].ask : nullptr);
  core.describe_by(code.attributes ? kFunctions[number].describe : nullptr);
}

void uninstall(const agent::EntryPoints& core) {
  core.sample_by(nullptr);
  core.describe_by(nullptr);
  slot(number_of(core)).replace(nullptr);
}

}  // namespace waybill::internal
