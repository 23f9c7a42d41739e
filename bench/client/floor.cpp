#include "floor.h"

#include <array>
#include <atomic>
#include <cstdint>

namespace waybill::bench {
namespace {

constexpr rd_kafka_resp_err_t kOk = RD_KAFKA_RESP_ERR_NO_ERROR;

// Lists on their way from the broker's thread, which pushes, to the producing one, which pops.
class Ring {
 public:
  bool push(rd_kafka_headers_t* list) {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - known_head_ == kRoom) known_head_ = head_.load(std::memory_order_acquire);
    if (tail - known_head_ == kRoom) return false;
    lists_[tail % kRoom] = list;
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  rd_kafka_headers_t* pop() {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    if (head == known_tail_) known_tail_ = tail_.load(std::memory_order_acquire);
    if (head == known_tail_) return nullptr;
    rd_kafka_headers_t* list = lists_[head % kRoom];
    head_.store(head + 1, std::memory_order_release);
    return list;
  }

 private:
  static constexpr std::uint64_t kRoom = 131'072;
  alignas(64) std::atomic<std::uint64_t> tail_{0};
  std::uint64_t known_head_ = 0;
  alignas(64) std::atomic<std::uint64_t> head_{0};
  std::uint64_t known_tail_ = 0;
  std::array<rd_kafka_headers_t*, kRoom> lists_{};
};

Ring free_lists;

rd_kafka_headers_t* new_list() {
  rd_kafka_headers_t* list = rd_kafka_headers_new(1);
  rd_kafka_header_add(list, kTraceparentName, sizeof kTraceparentName - 1, kTraceparent,
                      sizeof kTraceparent - 1);
  return list;
}

rd_kafka_resp_err_t allocate(rd_kafka_t*, rd_kafka_message_t* message, void*) {
  rd_kafka_message_set_headers(message, new_list());
  return kOk;
}

rd_kafka_resp_err_t take(rd_kafka_t*, rd_kafka_message_t* message, void*) {
  rd_kafka_headers_t* list = free_lists.pop();
  rd_kafka_message_set_headers(message, list != nullptr ? list : new_list());
  return kOk;
}

rd_kafka_resp_err_t give_back(rd_kafka_t*, rd_kafka_message_t* message, void*) {
  rd_kafka_headers_t* list = nullptr;
  if (rd_kafka_message_detach_headers(message, &list) == kOk && !free_lists.push(list))
    rd_kafka_headers_destroy(list);
  return kOk;
}

rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void* recycle, char*, size_t) {
  rd_kafka_interceptor_add_on_send(client, "floor", recycle != nullptr ? take : allocate, nullptr);
  if (recycle != nullptr) rd_kafka_interceptor_add_on_acknowledgement(client, "floor", give_back, nullptr);
  return kOk;
}

}  // namespace

void add_constant_header(rd_kafka_conf_t* conf, bool recycle) {
  rd_kafka_conf_interceptor_add_on_new(conf, "floor", on_new, recycle ? conf : nullptr);
}

}  // namespace waybill::bench
