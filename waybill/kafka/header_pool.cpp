#include "waybill/kafka/header_pool.h"

#include <atomic>
#include <cstdlib>

#include <unistd.h>

#include "waybill/base/address_space.h"
#include "waybill/base/shared_word.h"

namespace waybill::kafka {
namespace {

using base::shared;

constexpr std::uintptr_t kNeverUsed = 0;
constexpr std::uintptr_t kStruckOff = 1;
constexpr std::uintptr_t kBeingFilled = 2;
constexpr std::int32_t kBeginning = -1;

struct Pool {
  const Api* api;
  HeaderPool* pool;
};

// Two copies of librdkafka in one process is already rare.
constinit Pool pools[2] = {};

HeaderPool* make_pool(Pool& place);

}  // namespace

HeaderPool* HeaderPool::of(const Api& api) {
  for (Pool& one : pools) {
    const Api* nobody = nullptr;
    auto owner = shared(one.api);
    if (owner.load(std::memory_order_acquire) == &api || owner.compare_exchange_strong(nobody, &api) ||
        nobody == &api) {
      HeaderPool* pool = shared(one.pool).load(std::memory_order_acquire);
      return pool != nullptr ? pool : make_pool(one);
    }
  }
  return nullptr;
}

namespace {

// Once for each librdkafka, when a producer is made. From malloc and not from mmap, so that leak checkers
// follow the pointers in it.
HeaderPool* make_pool(Pool& place) {
  if (!base::may_map(sizeof(HeaderPool))) return nullptr;
  void* memory = std::calloc(1, sizeof(HeaderPool));
  if (memory == nullptr) return nullptr;
  HeaderPool* mine = static_cast<HeaderPool*>(memory);
  mine->begin(*place.api);
  HeaderPool* nobody = nullptr;
  if (shared(place.pool).compare_exchange_strong(nobody, mine, std::memory_order_acq_rel)) return mine;
  std::free(memory);
  return nobody;
}

}  // namespace

void HeaderPool::producer_opened() {
  const std::int32_t me = getpid();
  std::int32_t owner = shared(process_).load(std::memory_order_acquire);
  if (owner != me && owner != kBeginning && shared(process_).compare_exchange_strong(owner, kBeginning)) {
    begin_anew();
    shared(process_).store(me, std::memory_order_release);
  }
  shared(producers_).fetch_add(1, std::memory_order_relaxed);
}

void HeaderPool::producer_closed() {
  if (usable() && shared(producers_).fetch_sub(1, std::memory_order_relaxed) == 1) destroy_free_lists();
}

// After a fork the lists of the parent are copies in our own memory, and nobody else uses them. A thread of
// the parent may have been between two steps, so every cell is looked at.
void HeaderPool::begin_anew() {
  shared(producers_).store(0, std::memory_order_relaxed);
  shared(pushed_).store(0, std::memory_order_relaxed);
  shared(popped_).store(0, std::memory_order_relaxed);
  for (Cell& cell : cells_) {
    if (cell.turn % kFree == 1) api_->headers_destroy(cell.headers);
    if (cell.turn != 0) shared(cell.turn).store(0, std::memory_order_relaxed);
  }
  for (Known& known : known_) {
    if (known.headers != kNeverUsed) shared(known.headers).store(kNeverUsed, std::memory_order_relaxed);
  }
}

// In the child of a fork it may be the parent's still, until a first producer is made.
bool HeaderPool::usable() const {
  return shared(const_cast<std::int32_t&>(process_)).load(std::memory_order_acquire) > 0;
}

LoneHeader HeaderPool::header() const {
  return static_cast<LoneHeader>(shared(const_cast<std::uint32_t&>(header_)).load(std::memory_order_relaxed));
}

bool HeaderPool::serves(LoneHeader header) {
  const auto wanted = static_cast<std::uint32_t>(header);
  auto serves = shared(header_);
  std::uint32_t now = serves.load(std::memory_order_relaxed);
  return now == wanted || (now == 0 && (serves.compare_exchange_strong(now, wanted) || now == wanted));
}

HeaderPool::List HeaderPool::take() {
  if (!usable()) return {};
  std::uint64_t ticket = shared(popped_).load(std::memory_order_relaxed);
  for (;;) {
    Cell& cell = cells_[ticket % kFree];
    const std::uint64_t turn = shared(cell.turn).load(std::memory_order_acquire) + ticket % kFree;
    if (turn != ticket + 1) return {};  // nothing there, or another thread is just putting it there
    if (!shared(popped_).compare_exchange_weak(ticket, ticket + 1, std::memory_order_relaxed)) continue;
    const List list{cell.headers, cell.value};
    shared(cell.turn).store(ticket + kFree - ticket % kFree, std::memory_order_release);
    return list;
  }
}

bool HeaderPool::push(const List& list) {
  std::uint64_t ticket = shared(pushed_).load(std::memory_order_relaxed);
  for (;;) {
    Cell& cell = cells_[ticket % kFree];
    const std::uint64_t turn = shared(cell.turn).load(std::memory_order_acquire) + ticket % kFree;
    if (turn != ticket) return false;  // full, or another thread is just taking it out
    if (!shared(pushed_).compare_exchange_weak(ticket, ticket + 1, std::memory_order_relaxed)) continue;
    cell.headers = list.headers;
    cell.value = list.value;
    shared(cell.turn).store(ticket + 1 - ticket % kFree, std::memory_order_release);
    return true;
  }
}

void HeaderPool::add(const List& list) {
  if (!usable()) return;
  const auto address = reinterpret_cast<std::uintptr_t>(list.headers);
  const std::size_t first = first_slot(list.headers);
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    Known& slot = known_[(first + probe) % kKnown];
    std::uintptr_t now = shared(slot.headers).load(std::memory_order_relaxed);
    // The same address: librdkafka freed the list that stood there, with a message that it never
    // acknowledged.
    const bool mine = now == kNeverUsed || now == kStruckOff || now == address;
    if (!mine || !shared(slot.headers).compare_exchange_strong(now, kBeingFilled, std::memory_order_acquire))
      continue;
    slot.value = list.value;
    shared(slot.headers).store(address, std::memory_order_release);
    return;
  }
}

// All of them: an address may stand twice, when a slot before it was struck off in between.
void HeaderPool::strike_off(const rd_kafka_headers_t* headers) {
  const auto address = reinterpret_cast<std::uintptr_t>(headers);
  const std::size_t first = first_slot(headers);
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    std::uintptr_t known = address;
    auto slot = shared(known_[(first + probe) % kKnown].headers);
    const std::uintptr_t now = slot.load(std::memory_order_relaxed);
    if (now == kNeverUsed) return;
    if (now == address) slot.compare_exchange_strong(known, kStruckOff, std::memory_order_relaxed);
  }
}

char* HeaderPool::find(const rd_kafka_headers_t* headers) const {
  const auto address = reinterpret_cast<std::uintptr_t>(headers);
  const std::size_t first = first_slot(headers);
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    auto& slot = const_cast<Known&>(known_[(first + probe) % kKnown]);
    const std::uintptr_t now = shared(slot.headers).load(std::memory_order_acquire);
    if (now == kNeverUsed) return nullptr;
    if (now == address) return slot.value;
  }
  return nullptr;
}

HeaderPool::Found HeaderPool::recycle(rd_kafka_message_t* message) {
  rd_kafka_headers_t* headers = nullptr;
  if (api_->message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR || headers == nullptr)
    return Found::kNoHeaders;
  char* value = usable() ? find(headers) : nullptr;
  if (value == nullptr || !holds_only(headers, value)) return Found::kNotOurs;
  const Found found = says_sampled(header(), value) ? Found::kSampled : Found::kNotSampled;
  if (api_->message_detach_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR || push({headers, value}))
    return found;
  strike_off(headers);
  api_->headers_destroy(headers);
  return found;
}

// A send that our hook did not see (a signal handler that sends while we are in a hook) may have used a known
// address for a list of the application.
bool HeaderPool::holds_only(const rd_kafka_headers_t* headers, const char* value) const {
  const char* name = nullptr;
  const void* found = nullptr;
  std::size_t size = 0;
  return api_->header_get_all(headers, 0, &name, &found, &size) == RD_KAFKA_RESP_ERR_NO_ERROR &&
         found == value && size == length_of(header()) &&
         api_->header_get_all(headers, 1, &name, &found, &size) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

void HeaderPool::destroy_free_lists() {
  for (List list = take(); list.headers != nullptr; list = take()) {
    strike_off(list.headers);
    api_->headers_destroy(list.headers);
  }
}

}  // namespace waybill::kafka
