#include "waybill/kafka/api.h"

#include <atomic>

#include <dlfcn.h>

namespace waybill::kafka {
namespace {

// A process with more copies of librdkafka than this is not observed beyond them.
constexpr int kLibraries = 8;

struct Entry {
  std::atomic<int> state{0};         // 0 free, 1 being filled, 2 ready
  void* version_function = nullptr;  // tells the copies apart, whatever handle was used to find them
  Api api{};
};

constinit Entry entries[kLibraries];

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

bool fill(void* library, Api& api) {
  find(library, "rd_kafka_interceptor_add_on_request_sent", api.add_on_request_sent);
  find(library, "rd_kafka_interceptor_add_on_response_received", api.add_on_response_received);
  find(library, "rd_kafka_clusterid", api.clusterid);
  find(library, "rd_kafka_mem_free", api.mem_free);
  find(library, "rd_kafka_message_latency", api.message_latency);
  find(library, "rd_kafka_position", api.position);
  find(library, "rd_kafka_get_watermark_offsets", api.get_watermark_offsets);
  find(library, "rd_kafka_topic_partition_list_new", api.topic_partition_list_new);
  find(library, "rd_kafka_topic_partition_list_add", api.topic_partition_list_add);
  find(library, "rd_kafka_topic_partition_list_destroy", api.topic_partition_list_destroy);
  return find(library, "rd_kafka_version_str", api.version_str) &&
         find(library, "rd_kafka_conf_new", api.conf_new) &&
         find(library, "rd_kafka_conf_destroy", api.conf_destroy) &&
         find(library, "rd_kafka_conf_dup", api.conf_dup) &&
         find(library, "rd_kafka_conf_get", api.conf_get) &&
         find(library, "rd_kafka_conf_interceptor_add_on_new", api.conf_add_on_new) &&
         find(library, "rd_kafka_conf_interceptor_add_on_conf_destroy", api.conf_add_on_conf_destroy) &&
         find(library, "rd_kafka_conf_interceptor_add_on_conf_set", api.conf_add_on_conf_set) &&
         find(library, "rd_kafka_conf_interceptor_add_on_conf_dup", api.conf_add_on_conf_dup) &&
         find(library, "rd_kafka_interceptor_add_on_send", api.add_on_send) &&
         find(library, "rd_kafka_interceptor_add_on_acknowledgement", api.add_on_acknowledgement) &&
         find(library, "rd_kafka_interceptor_add_on_consume", api.add_on_consume) &&
         find(library, "rd_kafka_interceptor_add_on_destroy", api.add_on_destroy) &&
         find(library, "rd_kafka_interceptor_add_on_thread_start", api.add_on_thread_start) &&
         find(library, "rd_kafka_type", api.type) && find(library, "rd_kafka_topic_name", api.topic_name) &&
         find(library, "rd_kafka_message_headers", api.message_headers) &&
         find(library, "rd_kafka_message_set_headers", api.message_set_headers) &&
         find(library, "rd_kafka_message_detach_headers", api.message_detach_headers) &&
         find(library, "rd_kafka_message_timestamp", api.message_timestamp) &&
         find(library, "rd_kafka_message_status", api.message_status) &&
         find(library, "rd_kafka_headers_new", api.headers_new) &&
         find(library, "rd_kafka_headers_destroy", api.headers_destroy) &&
         find(library, "rd_kafka_header_add", api.header_add) &&
         find(library, "rd_kafka_header_remove", api.header_remove) &&
         find(library, "rd_kafka_header_get_last", api.header_get_last) &&
         find(library, "rd_kafka_header_get_all", api.header_get_all) &&
         find(library, "rd_kafka_err2name", api.err2name) && find(library, "rd_kafka_err2str", api.err2str);
}

}  // namespace

const Api* Api::of(void* library, const void* inside, base::Failure& failure) {
  failure = base::Failure::kSymbolsMissing;
  void* version_function = library == nullptr ? nullptr : dlsym(library, "rd_kafka_version_str");
  Dl_info found{};
  Dl_info wanted{};
  if (version_function == nullptr || dladdr(version_function, &found) == 0 || dladdr(inside, &wanted) == 0 ||
      found.dli_fbase != wanted.dli_fbase) {
    return nullptr;
  }
  for (Entry& entry : entries) {
    int state = 0;
    if (entry.state.compare_exchange_strong(state, 1, std::memory_order_acquire)) {
      if (!fill(library, entry.api)) {
        entry.state.store(0, std::memory_order_release);
        return nullptr;
      }
      entry.version_function = version_function;
      entry.state.store(2, std::memory_order_release);
      failure = base::Failure::kNone;
      return &entry.api;
    }
    if (state == 2 && entry.version_function == version_function) {
      failure = base::Failure::kNone;
      return &entry.api;
    }
    // An entry that another thread is filling right now is passed over: at worst a copy stands twice.
  }
  return nullptr;
}

}  // namespace waybill::kafka
