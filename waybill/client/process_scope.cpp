#include "waybill/client/process_scope.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <typeinfo>
#include <utility>

#include "waybill/client/internal/cores.h"
#include "waybill/client/internal/held_scope.h"

namespace waybill {
namespace {

std::string type_of(const std::exception& exception) {
  const char* mangled = typeid(exception).name();
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name{abi::__cxa_demangle(mangled, nullptr, nullptr, &status),
                                                    std::free};
  return status == 0 && name != nullptr ? name.get() : mangled;
}

}  // namespace

ProcessScope::ProcessScope(rd_kafka_t* client, rd_kafka_message_t* const* messages, std::size_t count)
    : exceptions_{std::uncaught_exceptions()} {
  const agent::EntryPoints* core = internal::core_of(client);
  if (core == nullptr || count == 0) return;
  internal::hold(*core, core->begin_processing(client, messages, count), ticket_);
}

ProcessScope::~ProcessScope() {
  if (!has_failed_ && std::uncaught_exceptions() > exceptions_) fail("_OTHER", "an exception left the scope");
  end();
}

void ProcessScope::fail(std::string_view type, std::string_view description) {
  if (std::exchange(has_failed_, true)) return;
  error_type_ = "_OTHER";  // short enough to need no memory
  try {
    if (!type.empty()) error_type_ = type;
    description_ = description;
  } catch (...) {  // there is no memory, which may be what it failed for
  }
}

void ProcessScope::fail(const std::exception& exception) {
  std::string type;
  try {
    type = type_of(exception);
  } catch (...) {  // as above
  }
  fail(type, exception.what());
}

void ProcessScope::end() {
  internal::end_held(ticket_, has_failed_ ? error_type_.c_str() : nullptr, description_.c_str());
}

void ProcessScope::swap(ProcessScope& other) noexcept {
  std::swap(ticket_, other.ticket_);
  std::swap(exceptions_, other.exceptions_);
  std::swap(has_failed_, other.has_failed_);
  error_type_.swap(other.error_type_);
  description_.swap(other.description_);
}

std::vector<std::pair<std::string, std::string>> current_headers() {
  std::vector<std::pair<std::string, std::string>> headers;
  const agent::EntryPoints* core = internal::current_core();
  if (core == nullptr) return headers;
  const auto put = [](void* target, const char* name, const char* value, std::size_t size) {
    static_cast<std::vector<std::pair<std::string, std::string>>*>(target)->emplace_back(
        name, std::string{value, size});
  };
  core->inject_current(put, &headers);
  return headers;
}

}  // namespace waybill
