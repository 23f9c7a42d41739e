// libwaybill-preload.so: a shim that stands before librdkafka's entry points. It needs libc only, does
// nothing until the first Kafka client is made, and then loads the core (libwaybill-plugin.so from its own
// folder).
//
// Each wrapper calls the real function exactly once and gives its result back unchanged. None is noexcept:
// exceptions of the host's callbacks and thread cancellations pass through.

#include <dlfcn.h>
#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "waybill/agent/entry_points.h"
#include "waybill/agent/library_of.h"
#include "waybill/base/cancellation_hold.h"
#include "waybill/base/hook.h"
#include "waybill/base/say.h"

namespace waybill::agent {
namespace {

using observe::PollMode;

constinit std::atomic<const EntryPoints*> core{nullptr};
constinit std::atomic<bool> core_failed{false};

// The core beside this file. Null: it cannot be loaded, which is said once.
const EntryPoints* load_core() {
  const EntryPoints* loaded = core.load(std::memory_order_acquire);
  if (loaded != nullptr || core_failed.load(std::memory_order_relaxed)) return loaded;

  const base::ErrnoKeeper keep_errno;
  const base::CancellationHold hold;
  Dl_info self{};
  char path[1024];
  dladdr(reinterpret_cast<void*>(&load_core), &self);
  const char* slash = self.dli_fname == nullptr ? nullptr : std::strrchr(self.dli_fname, '/');
  std::snprintf(path, sizeof path, "%.*slibwaybill-plugin.so",
                slash == nullptr ? 0 : static_cast<int>(slash + 1 - self.dli_fname), self.dli_fname);
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  auto* get =
      library == nullptr ? nullptr : reinterpret_cast<GetEntryPoints>(dlsym(library, kEntryPointsName));
  const EntryPoints* found = get == nullptr ? nullptr : get();
  if (found == nullptr || found->version != EntryPoints::kVersion) {
    const char* why =
        library == nullptr ? dlerror() : "it comes from another build than libwaybill-preload.so";
    if (!core_failed.exchange(true))
      base::say("no telemetry from this program: cannot load libwaybill-plugin.so",
                why == nullptr ? path : why);
    return nullptr;
  }
  core.store(found, std::memory_order_release);
  return found;
}

// The object that the last real function was found in: a guess for call sites that cannot be resolved.
constinit std::atomic<void*> last_library{nullptr};

// Which object made a client. Of more clients at once than it holds the newest are known.
class LibrariesOfClients {
 public:
  void remember(const void* client, void* library) {
    Entry& entry = entries_[place_of(client)];
    entry.client.store(nullptr, std::memory_order_release);
    entry.library.store(library, std::memory_order_release);
    entry.client.store(client, std::memory_order_release);
  }

  // Null: not known.
  void* find(const void* client) const {
    const Entry& entry = entries_[place_of(client)];
    if (client == nullptr || entry.client.load(std::memory_order_acquire) != client) return nullptr;
    return entry.library.load(std::memory_order_acquire);
  }

 private:
  struct Entry {
    std::atomic<const void*> client{nullptr};
    std::atomic<void*> library{nullptr};
  };
  static std::size_t place_of(const void* client) {
    return static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(client) * 0x9e3779b97f4a7c15ULL >> 54U);
  }
  Entry entries_[1024];
};
constinit LibrariesOfClients libraries_of_clients;

void remember_client(const void* client, const void* real_new) {
  const base::ErrnoKeeper keep_errno;
  const base::CancellationHold hold;
  if (client != nullptr) libraries_of_clients.remember(client, library_of(real_new));
}

// The real function behind one wrapper, by call site. A process may hold several copies of librdkafka, some
// of them loaded RTLD_LOCAL: the right one is the one that the caller is linked to.
class RealFunction {
 public:
  explicit constexpr RealFunction(const char* name) : name_{name} {}

  // Null: there is none behind us, as far as can be seen. `client` helps where the caller cannot be resolved.
  void* for_caller(const void* caller, const void* own, const void* client = nullptr) {
    const std::size_t first =
        static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(caller) * 0x9e3779b97f4a7c15ULL >> 56U);
    for (std::size_t probe = 0; probe < kProbes; ++probe) {
      CallSite& site = sites_[(first + probe) % kSites];
      const void* known = site.caller.load(std::memory_order_acquire);
      if (known == caller) {
        if (void* function = site.function.load(std::memory_order_acquire)) return function;
      }
      if (known != nullptr) continue;
      bool guessed = false;
      void* function = resolve(caller, own, client, guessed);
      if (function != nullptr && !guessed &&
          site.caller.compare_exchange_strong(known, caller, std::memory_order_acq_rel)) {
        site.function.store(function, std::memory_order_release);
      }
      return function;
    }
    bool guessed = false;
    return resolve(caller, own, client, guessed);
  }

 private:
  struct CallSite {
    std::atomic<const void*> caller{nullptr};
    std::atomic<void*> function{nullptr};
  };

  // A call that another function ends with comes from that one's caller, as far as the return address says;
  // so the object may be the wrong one, and hold no librdkafka at all. Then the library that made the client
  // is the right one, and else the one that answered last. Neither is kept for the call site: its next call
  // may be meant for another library.
  void* resolve(const void* caller, const void* own, const void* client, bool& guessed) const {
    const base::ErrnoKeeper keep_errno;
    const base::CancellationHold hold;
    void* library = library_of(caller);
    void* function = library == nullptr ? nullptr : dlsym(library, name_);
    if (function == own) function = dlsym(RTLD_NEXT, name_);
    void* maker = libraries_of_clients.find(client);
    void* makers_own = maker == nullptr ? nullptr : dlsym(maker, name_);
    if (makers_own == own) makers_own = nullptr;
    guessed = function == nullptr || (makers_own != nullptr && makers_own != function);
    if (guessed) function = makers_own != nullptr ? makers_own : guess();
    if (function == own) function = nullptr;
    if (function != nullptr) last_library.store(library_of(function), std::memory_order_release);
    return function;
  }

  void* guess() const {
    void* library = last_library.load(std::memory_order_acquire);
    void* function = dlsym(RTLD_NEXT, name_);
    return function == nullptr && library != nullptr ? dlsym(library, name_) : function;
  }

  static constexpr std::size_t kSites = 256;
  static constexpr std::size_t kProbes = 16;
  const char* name_;
  CallSite sites_[kSites];
};

}  // namespace
}  // namespace waybill::agent

// The real function for the code that called this wrapper. A macro, because the return address must be the
// wrapper's; `client` is the client that the call is about, or null. NOLINTBEGIN(bugprone-macro-parentheses):
// `name` is a function's name, and is made a string too
#define WAYBILL_REAL_OF(name, client)                                 \
  static constinit waybill::agent::RealFunction real_function{#name}; \
  const auto real = reinterpret_cast<decltype(&name)>(                \
      real_function.for_caller(__builtin_return_address(0), reinterpret_cast<const void*>(&name), client))
#define WAYBILL_REAL(name) WAYBILL_REAL_OF(name, nullptr)

// NOLINTEND(bugprone-macro-parentheses)

#define WAYBILL_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

using waybill::agent::core;
using waybill::agent::EntryPoints;
using waybill::agent::PollMode;

// A poll that several wrappers share: `call` is the host's own call.
template <typename Call>
auto framed_poll(const void* queue, PollMode mode, Call&& call) {
  const EntryPoints* agent = core.load(std::memory_order_acquire);
  if (agent == nullptr) return call();
  agent->begin_poll(queue, mode);
  const auto result = call();
  agent->end_poll(mode == PollMode::kOne && result != decltype(result){});
  return result;
}

void tell_failure(rd_kafka_t* client, const rd_kafka_message_t* message) {
  if (const EntryPoints* agent = core.load(std::memory_order_acquire)) agent->poll_failed(client, message);
}

}  // namespace

WAYBILL_EXPORT rd_kafka_t* rd_kafka_new(rd_kafka_type_t type, rd_kafka_conf_t* conf, char* error,
                                        size_t error_size) {
  WAYBILL_REAL(rd_kafka_new);
  if (real == nullptr) {
    if (error != nullptr)
      std::snprintf(error, error_size, "waybill: no librdkafka was found behind rd_kafka_new");
    return nullptr;
  }
  const EntryPoints* agent = waybill::agent::load_core();
  waybill::agent::NewClient made{};
  if (agent != nullptr) made = agent->before_new(reinterpret_cast<const void*>(real), conf);
  rd_kafka_t* client = real(type, made.conf == nullptr ? conf : made.conf, error, error_size);
  waybill::agent::remember_client(client, reinterpret_cast<const void*>(real));
  if (made.conf != nullptr) agent->after_new(made, conf, client);
  return client;
}

WAYBILL_EXPORT rd_kafka_message_t* rd_kafka_consumer_poll(rd_kafka_t* client, int timeout_ms) {
  WAYBILL_REAL_OF(rd_kafka_consumer_poll, client);
  if (real == nullptr) return {};
  rd_kafka_message_t* message = framed_poll(client, PollMode::kOne, [&] {
    rd_kafka_message_t* got = real(client, timeout_ms);
    if (got != nullptr && got->err != RD_KAFKA_RESP_ERR_NO_ERROR) tell_failure(client, got);
    return got;
  });
  if (const EntryPoints* agent = core.load(std::memory_order_acquire)) agent->client_called(client);
  return message;
}

WAYBILL_EXPORT rd_kafka_message_t* rd_kafka_consume(rd_kafka_topic_t* topic, int32_t partition,
                                                    int timeout_ms) {
  WAYBILL_REAL(rd_kafka_consume);
  if (real == nullptr) return {};
  return framed_poll(topic, PollMode::kOne, [&] { return real(topic, partition, timeout_ms); });
}

WAYBILL_EXPORT rd_kafka_message_t* rd_kafka_consume_queue(rd_kafka_queue_t* queue, int timeout_ms) {
  WAYBILL_REAL(rd_kafka_consume_queue);
  if (real == nullptr) return {};
  return framed_poll(queue, PollMode::kOne, [&] { return real(queue, timeout_ms); });
}

WAYBILL_EXPORT ssize_t rd_kafka_consume_batch(rd_kafka_topic_t* topic, int32_t partition, int timeout_ms,
                                              rd_kafka_message_t** messages, size_t size) {
  WAYBILL_REAL(rd_kafka_consume_batch);
  if (real == nullptr) return {};
  return framed_poll(topic, PollMode::kBatch,
                     [&] { return real(topic, partition, timeout_ms, messages, size); });
}

WAYBILL_EXPORT ssize_t rd_kafka_consume_batch_queue(rd_kafka_queue_t* queue, int timeout_ms,
                                                    rd_kafka_message_t** messages, size_t size) {
  WAYBILL_REAL(rd_kafka_consume_batch_queue);
  if (real == nullptr) return {};
  return framed_poll(queue, PollMode::kBatch, [&] { return real(queue, timeout_ms, messages, size); });
}

WAYBILL_EXPORT int rd_kafka_consume_callback(rd_kafka_topic_t* topic, int32_t partition, int timeout_ms,
                                             void (*callback)(rd_kafka_message_t*, void*), void* opaque) {
  WAYBILL_REAL(rd_kafka_consume_callback);
  if (real == nullptr) return {};
  return framed_poll(topic, PollMode::kCallbacks,
                     [&] { return real(topic, partition, timeout_ms, callback, opaque); });
}

WAYBILL_EXPORT int rd_kafka_consume_callback_queue(rd_kafka_queue_t* queue, int timeout_ms,
                                                   void (*callback)(rd_kafka_message_t*, void*),
                                                   void* opaque) {
  WAYBILL_REAL(rd_kafka_consume_callback_queue);
  if (real == nullptr) return {};
  return framed_poll(queue, PollMode::kCallbacks, [&] { return real(queue, timeout_ms, callback, opaque); });
}

WAYBILL_EXPORT int rd_kafka_queue_poll_callback(rd_kafka_queue_t* queue, int timeout_ms) {
  WAYBILL_REAL(rd_kafka_queue_poll_callback);
  if (real == nullptr) return {};
  return framed_poll(queue, PollMode::kCallbacks, [&] { return real(queue, timeout_ms); });
}

// The messages of an event are handed over later, by rd_kafka_event_message_next: only the end of what came
// before shows here.
WAYBILL_EXPORT rd_kafka_event_t* rd_kafka_queue_poll(rd_kafka_queue_t* queue, int timeout_ms) {
  WAYBILL_REAL(rd_kafka_queue_poll);
  if (real == nullptr) return {};
  return framed_poll(queue, PollMode::kOne, [&] { return real(queue, timeout_ms); });
}

WAYBILL_EXPORT void rd_kafka_message_destroy(rd_kafka_message_t* message) {
  WAYBILL_REAL(rd_kafka_message_destroy);
  if (real == nullptr) return;
  if (const EntryPoints* agent = core.load(std::memory_order_acquire)) agent->message_destroyed(message);
  real(message);
}

WAYBILL_EXPORT rd_kafka_resp_err_t rd_kafka_consumer_close(rd_kafka_t* client) {
  WAYBILL_REAL_OF(rd_kafka_consumer_close, client);
  if (real == nullptr) return {};
  if (const EntryPoints* agent = core.load(std::memory_order_acquire)) agent->client_closing(client);
  return real(client);
}

WAYBILL_EXPORT int rd_kafka_poll(rd_kafka_t* client, int timeout_ms) {
  WAYBILL_REAL_OF(rd_kafka_poll, client);
  if (real == nullptr) return {};
  const int served = real(client, timeout_ms);
  if (const EntryPoints* agent = core.load(std::memory_order_acquire)) agent->client_called(client);
  return served;
}

WAYBILL_EXPORT rd_kafka_resp_err_t rd_kafka_flush(rd_kafka_t* client, int timeout_ms) {
  WAYBILL_REAL_OF(rd_kafka_flush, client);
  if (real == nullptr) return {};
  const rd_kafka_resp_err_t result = real(client, timeout_ms);
  if (const EntryPoints* agent = core.load(std::memory_order_acquire)) agent->client_called(client);
  return result;
}
