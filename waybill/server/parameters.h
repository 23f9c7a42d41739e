#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "waybill/context/span_context.h"
#include "waybill/store/store.h"

namespace waybill::server {

// The parameters of a question. What cannot be read counts as not given, and the first such is remembered, so
// a question reads all it wants and then asks once whether something was wrong. Owned by one thread.
class Parameters {
 public:
  using Values = std::multimap<std::string, std::string>;

  // `now_ns`: where a window without `to` ends.
  Parameters(Values values, std::int64_t now_ns) : values_{std::move(values)}, now_ns_{now_ns} {}

  std::int64_t now_ns() const { return now_ns_; }
  bool has(const std::string& name) const { return values_.contains(name); }
  std::string text(const std::string& name) const;
  std::optional<std::int64_t> integer(const std::string& name);  // not below 0
  std::int32_t partition(const std::string& name);               // -1: not given
  std::optional<double> number(const std::string& name);
  bool flag(const std::string& name);
  std::size_t count(const std::string& name, std::size_t otherwise, std::size_t most);
  context::TraceId trace_id(const std::string& name);  // not valid: not given
  context::SpanId span_id(const std::string& name);
  // `from` and `to`; an hour where `from` is not given.
  store::Window window();

  // Empty: nothing is wrong.
  const std::string& what_is_wrong() const { return wrong_; }
  void complain(const std::string& name, const std::string& wanted);

 private:
  Values values_;
  std::int64_t now_ns_;
  std::string wrong_;
};

// Not valid: the text is no id of that length.
context::TraceId trace_id_of(const std::string& digits);
context::SpanId span_id_of(const std::string& digits);

}  // namespace waybill::server
