// The reader's memory for variants P and H: starts that wait for their end, by key. Grows with what is in
// flight. Owned by the reader's thread.
//
// The starts of one key are kept in time order. A start is valid from its own time until the next start of
// the same key, because a pointer is used again only after its acknowledgement.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "bench/matching/records.h"

namespace bench::matching {

class PairingMap {
 public:
  PairingMap() : slots_(1024) {}

  void add(std::uint64_t key, const SendFacts& sent) {
    if (used_ * 2 >= slots_.size()) grow();
    Slot& slot = find(key);
    if (slot.key == 0) {
      slot = Slot{key, kNone};
      ++used_;
    }
    std::uint32_t* link = &slot.first;
    Node* previous = nullptr;
    while (*link != kNone && nodes_[*link].sent.start_ns <= sent.start_ns) {
      previous = &nodes_[*link];
      link = &previous->next;
    }
    if (previous != nullptr) previous->valid_until_ns = sent.start_ns;
    const std::int64_t valid_until_ns =
        *link == kNone ? std::numeric_limits<std::int64_t>::max() : nodes_[*link].sent.start_ns;
    const std::uint32_t next = *link;
    // Take the node last: it may move the nodes, and `link` with them.
    if (previous == nullptr) {
      slot.first = new_node(sent, next, valid_until_ns);
    } else {
      const auto previous_index = static_cast<std::size_t>(previous - nodes_.data());
      const std::uint32_t added = new_node(sent, next, valid_until_ns);
      nodes_[previous_index].next = added;
    }
    ++waiting_;
  }

  // The latest start of this key that is not younger than the end; nothing when it is unknown.
  std::optional<SendFacts> take(std::uint64_t key, std::int64_t end_ns) {
    Slot& slot = find(key);
    if (slot.key == 0) return std::nullopt;
    for (std::uint32_t* link = &slot.first; *link != kNone; link = &nodes_[*link].next) {
      Node& node = nodes_[*link];
      if (end_ns < node.sent.start_ns) break;
      if (end_ns >= node.valid_until_ns) continue;
      const SendFacts sent = node.sent;
      const std::uint32_t taken = *link;
      *link = node.next;
      node.next = free_;
      free_ = taken;
      --waiting_;
      if (slot.first == kNone) erase(slot);
      return sent;
    }
    return std::nullopt;
  }

  std::size_t waiting() const { return waiting_; }
  std::size_t bytes() const { return slots_.capacity() * sizeof(Slot) + nodes_.capacity() * sizeof(Node); }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t first = kNone;
  };
  struct Node {
    SendFacts sent;
    std::int64_t valid_until_ns;
    std::uint32_t next;
  };

  std::size_t home(std::uint64_t key) const { return mix(key) & (slots_.size() - 1); }

  Slot& find(std::uint64_t key) {
    std::size_t index = home(key);
    while (slots_[index].key != 0 && slots_[index].key != key) index = (index + 1) & (slots_.size() - 1);
    return slots_[index];
  }

  std::uint32_t new_node(const SendFacts& sent, std::uint32_t next, std::int64_t valid_until_ns) {
    if (free_ == kNone) {
      nodes_.push_back(Node{sent, valid_until_ns, next});
      return static_cast<std::uint32_t>(nodes_.size() - 1);
    }
    const std::uint32_t index = free_;
    free_ = nodes_[index].next;
    nodes_[index] = Node{sent, valid_until_ns, next};
    return index;
  }

  // Moves later slots of the run back, so that no tombstones are needed.
  void erase(Slot& slot) {
    const std::size_t mask = slots_.size() - 1;
    auto hole = static_cast<std::size_t>(&slot - slots_.data());
    for (std::size_t index = (hole + 1) & mask; slots_[index].key != 0; index = (index + 1) & mask) {
      const bool may_move = ((index - home(slots_[index].key)) & mask) >= ((index - hole) & mask);
      if (!may_move) continue;
      slots_[hole] = slots_[index];
      hole = index;
    }
    slots_[hole] = Slot{};
    --used_;
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.key != 0) find(slot.key) = slot;
    }
  }

  std::vector<Slot> slots_;
  std::vector<Node> nodes_;
  std::uint32_t free_ = kNone;
  std::size_t used_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace bench::matching
