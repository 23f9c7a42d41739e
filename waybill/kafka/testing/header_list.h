#pragma once

#include <dlfcn.h>
#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "waybill/kafka/api.h"

// Lists of headers in a real librdkafka, for tests.
namespace waybill::kafka::testing {

// The functions of the librdkafka that this program is linked with.
inline const Api& linked_api() {
  static_cast<void>(rd_kafka_version());  // so that the linker keeps it
  base::Failure failure = base::Failure::kNone;
  void* program = dlopen(nullptr, RTLD_NOW);
  return *Api::of(program, dlsym(program, "rd_kafka_version_str"), failure);
}

struct Header {
  std::string name;
  std::optional<std::string> value;  // none: a null value
  friend bool operator==(const Header&, const Header&) = default;
};

// Owns a list of headers.
class HeaderList {
 public:
  explicit HeaderList(const std::vector<Header>& headers) : list_{rd_kafka_headers_new(headers.size())} {
    for (const auto& [name, value] : headers) {
      rd_kafka_header_add(list_.get(), name.data(), static_cast<ssize_t>(name.size()),
                          value ? value->data() : nullptr, value ? static_cast<ssize_t>(value->size()) : 0);
    }
  }

  rd_kafka_headers_t* get() const { return list_.get(); }

  // What stands there now, in its order.
  std::vector<Header> all() const {
    std::vector<Header> headers;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    while (rd_kafka_header_get_all(list_.get(), headers.size(), &name, &value, &size) ==
           RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::optional<std::string> text;
      if (value != nullptr) text.emplace(static_cast<const char*>(value), size);
      headers.push_back({name, std::move(text)});
    }
    return headers;
  }

 private:
  struct Destroy {
    void operator()(rd_kafka_headers_t* list) const { rd_kafka_headers_destroy(list); }
  };
  std::unique_ptr<rd_kafka_headers_t, Destroy> list_;
};

}  // namespace waybill::kafka::testing
