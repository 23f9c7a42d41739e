// The room's part where it is not the only one in the process.

#include <atomic>

#include "waybill/observe/internal/beyond_the_room.h"
#include "waybill/observe/room.h"

namespace waybill::observe {

namespace {

// How many scopes have begun. Not in the room: a child goes on counting where its parent was.
constinit std::uint64_t scopes_of_this_host_side = 0;
constinit std::atomic<std::uint64_t*> scopes_of_all{&scopes_of_this_host_side};
constinit std::atomic<FindScope> find_scope{nullptr};

}  // namespace

void Room::stand_beside(const Siblings& siblings) {
  scopes_of_all.store(siblings.scopes_begun, std::memory_order_release);
  find_scope.store(siblings.find_scope, std::memory_order_release);
  internal::look_beyond(internal::kSiblings, siblings.find_scope != nullptr);
}

std::uint64_t& Room::scopes_begun() { return *scopes_of_all.load(std::memory_order_acquire); }

const ProcessScope* Room::current_scope() const {
  const FindScope find = find_scope.load(std::memory_order_acquire);
  return find == nullptr ? own_scope() : find();
}

}  // namespace waybill::observe
