#include "waybill/client/internal/cores.h"

#include <atomic>
#include <mutex>
#include <string>
#include <utility>

#include "waybill/base/shared_word.h"
#include "waybill/client/internal/load_core.h"
#include "waybill/kafka/interceptors.h"

namespace waybill::internal {
namespace {

using agent::EntryPoints;
using kafka::Observer;

// Filled from the front, and never emptied.
std::atomic<const EntryPoints*> cores[kMostCores];
std::atomic<std::size_t> core_count{0};
std::atomic<const EntryPoints*> chosen_by_default{nullptr};

std::atomic<bool> is_taken[kMostCores];
std::atomic<const EntryPoints*> default_of_living{nullptr};
std::atomic<observe::ReadApplicationSpan> application_reader{nullptr};
std::mutex adding;  // one after the other; not taken by what the child of a fork calls unasked

void add(const EntryPoints& core) {
  const std::size_t count = core_count.load(std::memory_order_relaxed);
  cores[count].store(&core, std::memory_order_relaxed);
  core_count.store(count + 1, std::memory_order_release);
}

template <typename Visitor>
void for_each_core(Visitor&& visit) {
  const std::size_t count = core_count.load(std::memory_order_acquire);
  for (std::size_t number = 0; number < count; ++number)
    visit(*cores[number].load(std::memory_order_relaxed));
}

// Another thread may change the reader meanwhile: the last word counts.
void give_reader_to(const EntryPoints& core) {
  observe::ReadApplicationSpan read = application_reader.load();
  for (;;) {
    core.read_application_spans_by(read);
    const observe::ReadApplicationSpan now = application_reader.load();
    if (now == read) return;
    read = now;
  }
}

bool are_several() { return core_count.load(std::memory_order_acquire) > 1; }

struct CurrentScope {
  const EntryPoints* core = nullptr;
  const observe::ProcessScope* scope = nullptr;
  std::uint64_t order = 0;
};

CurrentScope find_current() {
  CurrentScope current;
  for_each_core([&](const EntryPoints& core) {
    const observe::ProcessScope* scope = core.own_scope();
    if (scope == nullptr) return;
    const std::uint64_t order =
        base::shared(const_cast<std::uint64_t&>(scope->order)).load(std::memory_order_relaxed);
    if (current.scope == nullptr || order > current.order) current = {&core, scope, order};
  });
  return current;
}

// Called by host sides.
const observe::ProcessScope* find_scope() { return find_current().scope; }

// Before the second one begins its first scope, so that all of them count in one order.
void stand_together(const EntryPoints& added) {
  const observe::Siblings siblings{&(*first_core())->scopes_begun(), find_scope};
  added.stand_beside(siblings);
  (*first_core())->stand_beside(siblings);
}

enum class Claim : std::uint8_t { kNone, kOfThis, kOfAnother };

// The first core knows of its own, whatever door they came by, and was told of all others.
Claim claim_on(const void* inside, const rd_kafka_conf_t* conf, const EntryPoints& core) {
  if (core.observer_of(inside, conf) == Observer::kThis) return Claim::kOfThis;
  return (*first_core())->observer_of(inside, conf) == Observer::kNobody ? Claim::kNone : Claim::kOfAnother;
}

// The linker knows a library by the name of its file, which holds the number of a descriptor.
bool is_known(const EntryPoints& loaded) {
  bool is_known = false;
  for_each_core([&](const EntryPoints& core) { is_known = is_known || &core == &loaded; });
  return is_known;
}

Error no_room(const Error& why) {
  const std::string count = std::to_string(core_count.load(std::memory_order_relaxed));
  return why.with_prefix("there is no room for one more Telemetry beside the " + count +
                         " that are there, or whose clients are");
}

Expected<const EntryPoints*> add_core() {
  if (core_count.load(std::memory_order_relaxed) == kMostCores)
    return no_room({Error::Code::kTooMany, "that is the most"});
  Expected<const EntryPoints*> loaded = load_copy_of(**first_core());
  if (!loaded) return no_room(loaded.error());
  if (is_known(**loaded))
    return no_room({Error::Code::kIo, "the program has closed a file descriptor that is not its own"});
  stand_together(**loaded);
  add(**loaded);
  give_reader_to(**loaded);
  return loaded;
}

}  // namespace

const Expected<const EntryPoints*>& first_core() {
  // Never destroyed: threads may send until the process is gone.
  static const auto* loaded = [] {
    const auto* first = new Expected<const EntryPoints*>{load_core()};
    if (*first) {
      add(***first);
      chosen_by_default.store(**first, std::memory_order_release);
    }
    return first;
  }();
  return *loaded;
}

const EntryPoints* default_core() {
  const EntryPoints* core = chosen_by_default.load(std::memory_order_acquire);
  if (core != nullptr) return core;
  const Expected<const EntryPoints*>& first = first_core();
  return first ? *first : nullptr;
}

const EntryPoints* observer_of(const rd_kafka_t* client) {
  const EntryPoints* observer = nullptr;
  for_each_core([&](const EntryPoints& core) {
    if (core.is_observed(client)) observer = &core;
  });
  return observer;
}

const EntryPoints* core_of(const rd_kafka_t* client) {
  const EntryPoints* observer = are_several() ? observer_of(client) : nullptr;
  return observer != nullptr ? observer : default_core();
}

const EntryPoints* current_core() {
  const EntryPoints* current = are_several() ? find_current().core : nullptr;
  return current != nullptr ? current : default_core();
}

std::size_t number_of(const EntryPoints& core) {
  std::size_t number = 0;
  while (core_at(number) != &core) ++number;
  return number;
}

const EntryPoints* core_at(std::size_t number) {
  return number < core_count.load(std::memory_order_acquire) ? cores[number].load(std::memory_order_relaxed)
                                                             : nullptr;
}

const char* why_not_observed(const EntryPoints* chosen, rd_kafka_conf_t* conf) {
  const EntryPoints* core = chosen != nullptr ? chosen : default_core();
  if (core == nullptr) return first_core().error().message.c_str();
  const auto* inside = reinterpret_cast<const void*>(&rd_kafka_conf_new);
  if (are_several()) {
    const Claim claim = claim_on(inside, conf, *core);
    if (claim == Claim::kOfAnother)
      return chosen == nullptr ? nullptr
                               : "the clients of its configuration are traced already, for another Telemetry";
    const EntryPoints& first = **first_core();
    if (claim == Claim::kNone && core != &first) {
      if (const char* why = first.leave_conf_to_another(inside, conf)) return why;
    }
  }
  return core->observe_conf(inside, conf);
}

Expected<void> observe(const EntryPoints* chosen, rd_kafka_conf_t* conf) {
  const char* why = why_not_observed(chosen, conf);
  if (why != nullptr) return Error{Error::Code::kNotObserved, why};
  return {};
}

void read_application_spans_by(observe::ReadApplicationSpan read) {
  (void)first_core();
  application_reader.store(read);
  for_each_core(give_reader_to);
}

Expected<LeasedCore> LeasedCore::take() {
  if (!first_core()) return first_core().error();
  const std::scoped_lock lock{adding};
  const std::size_t count = core_count.load(std::memory_order_relaxed);
  for (std::size_t number = 0; number < count; ++number) {
    if (is_taken[number].exchange(true)) continue;
    if (core_at(number)->begin_anew()) return LeasedCore{*core_at(number)};
    is_taken[number].store(false);
  }
  const Expected<const EntryPoints*> added = add_core();
  if (!added) return added.error();
  is_taken[count].store(true);
  return LeasedCore{**added};
}

LeasedCore::LeasedCore(LeasedCore&& other) noexcept : core_{std::exchange(other.core_, nullptr)} {}

LeasedCore::~LeasedCore() {
  if (core_ == nullptr) return;
  vacate();
  is_taken[number_of(*core_)].store(false);
}

// A client of the process that was made after begin_anew() has entered a room with the settings from before.
bool LeasedCore::use_settings(const std::string& text) const {
  return core_->use_settings(text.data(), text.size()) && core_->begin_anew();
}

void LeasedCore::become_default(bool if_vacant) const {
  const EntryPoints* nobody = nullptr;
  if (!default_of_living.compare_exchange_strong(nobody, core_)) {
    if (if_vacant) return;
    default_of_living.store(core_);
  }
  chosen_by_default.store(core_, std::memory_order_release);
}

void LeasedCore::vacate() const {
  const EntryPoints* own = core_;
  default_of_living.compare_exchange_strong(own, nullptr);
}

}  // namespace waybill::internal
