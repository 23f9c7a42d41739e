#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "waybill/context/hex.h"
#include "waybill/kafka/context_headers.h"
#include "waybill/kafka/testing/header_list.h"

// The cases of the conformance tests of W3C Trace Context, with message headers in the place of HTTP's.
namespace waybill::kafka {
namespace {

using testing::Header;
using testing::HeaderList;

const std::string kTrace = "12345678901234567890123456789012";
const std::string kSpan = "1234567890123456";
const std::string kParent = "00-" + kTrace + "-" + kSpan + "-01";
const std::string kNewTrace;  // what stands there is no context: a trace begins here

struct Case {
  std::string what;
  std::vector<Header> headers;
  std::string trace_id;
  std::string tracestate = {};
};

void check(const std::vector<Case>& cases) {
  const context::Propagators trace_context{context::Propagator::kTraceContext};
  for (const auto& [what, headers, trace_id, tracestate] : cases) {
    const HeaderList list{headers};
    const FoundContext found = find_context(testing::linked_api(), list.get(), trace_context);
    std::string read;
    if (found.message.context.valid()) {
      read.resize(32);
      context::to_hex(found.message.context.trace_id.bytes.data(), 16, read.data());
    }
    EXPECT_EQ(read, trace_id) << what;
    EXPECT_EQ(found.message.tracestate, tracestate) << what;
  }
}

Case parent(const std::string& what, const std::string& value, const std::string& trace_id) {
  return {what, {{"traceparent", value}}, trace_id};
}

Case state(const std::string& what, const std::string& value, const std::string& tracestate) {
  return {what, {{"traceparent", kParent}, {"tracestate", value}}, kTrace, tracestate};
}

std::string members(int count) {
  std::string text;
  for (int number = 1; number <= count; ++number)
    text += (number == 1 ? "bar" : ",bar") + std::to_string(number) + "=" + std::to_string(number);
  return text;
}

TEST(W3cConformanceTest, ReadsATraceparentAsTheSpecificationSays) {
  const std::string future = "cc-" + kTrace + "-" + kSpan + "-01";
  check({
      {"nothing", {}, kNewTrace},
      parent("a good one", kParent, kTrace),
      {"other names", {{"trace-parent", kParent}, {"trace.parent", kParent}}, kNewTrace},
      parent("version 00 and more", kParent + ".", kNewTrace),
      parent("version 00 and more fields", kParent + "-what-the-future-will-be-like", kNewTrace),
      parent("a later version", future, kTrace),
      parent("a later version with more fields", future + "-what-the-future-will-be-like", kTrace),
      parent("a later version without a dash", future + ".what-the-future-will-be-like", kNewTrace),
      parent("the forbidden version", "ff" + kParent.substr(2), kNewTrace),
      parent("a dot for the first digit of the version", ".0" + kParent.substr(2), kNewTrace),
      parent("a dot for its second digit", "0." + kParent.substr(2), kNewTrace),
      parent("a version of three digits", "0" + kParent, kNewTrace),
      parent("a version of four digits", "00" + kParent, kNewTrace),
      parent("a version of one digit", kParent.substr(1), kNewTrace),
      parent("a trace id of zeros", "00-" + std::string(32, '0') + "-" + kSpan + "-01", kNewTrace),
      parent("a dot first in the trace id", "00-." + kTrace.substr(1) + "-" + kSpan + "-01", kNewTrace),
      parent("a dot last in the trace id", "00-" + kTrace.substr(1) + ".-" + kSpan + "-01", kNewTrace),
      parent("a trace id of 33 digits", "00-" + kTrace + "3-" + kSpan + "-01", kNewTrace),
      parent("a trace id of 31 digits", "00-" + kTrace.substr(1) + "-" + kSpan + "-01", kNewTrace),
      parent("a parent id of zeros", "00-" + kTrace + "-" + std::string(16, '0') + "-01", kNewTrace),
      parent("a dot first in the parent id", "00-" + kTrace + "-." + kSpan.substr(1) + "-01", kNewTrace),
      parent("a dot last in the parent id", "00-" + kTrace + "-" + kSpan.substr(1) + ".-01", kNewTrace),
      parent("a parent id of 17 digits", "00-" + kTrace + "-" + kSpan + "7-01", kNewTrace),
      parent("a parent id of 15 digits", "00-" + kTrace + "-" + kSpan.substr(1) + "-01", kNewTrace),
      parent("a dot first in the flags", "00-" + kTrace + "-" + kSpan + "-.0", kNewTrace),
      parent("a dot last in the flags", "00-" + kTrace + "-" + kSpan + "-0.", kNewTrace),
      parent("flags of three digits", "00-" + kTrace + "-" + kSpan + "-001", kNewTrace),
      parent("flags of one digit", "00-" + kTrace + "-" + kSpan + "-1", kNewTrace),
  });
}

TEST(W3cConformanceTest, ReadsATracestateAsTheSpecificationSays) {
  const std::string key = "abcdefghijklmnopqrstuvwxyz0123456789_-*/";
  std::string value;
  for (char character = 0x20; character < 0x7f; ++character) {
    if (character != ',' && character != '=') value += character;
  }
  const std::string long_tenant(241, 't');
  const std::string long_system(14, 'v');
  check({
      {"without a traceparent", {{"tracestate", "foo=1,bar=2"}}, kNewTrace},
      {"beside a traceparent that cannot be read",
       {{"traceparent", "00"}, {"tracestate", "foo=1"}},
       kNewTrace},
      state("a good one", "foo=1,bar=2", "foo=1,bar=2"),
      {"other names", {{"traceparent", kParent}, {"trace-state", "foo=1"}, {"trace.state", "foo=1"}}, kTrace},
      state("an empty one", "", ""),
      state("every character", key + "=" + value, key + "=" + value),
      state("every character in a key of two parts", key + "@a-z0-9_-*/=" + value,
            key + "@a-z0-9_-*/=" + value),
      state("blanks between members", "foo=1 \t , \t bar=2, \t baz=3", "foo=1 \t , \t bar=2, \t baz=3"),
      state("blanks around it", "\t foo=1 \t", "\t foo=1 \t"),
      state("a blank in a key", "foo =1", ""),
      state("an upper-case key", "FOO=1", ""),
      state("a dot in a key", "foo.bar=1", ""),
      state("no system", "foo@=1,bar=2", ""),
      state("no tenant", "@foo=1,bar=2", ""),
      state("two signs together", "foo@@bar=1,bar=2", ""),
      state("three parts", "foo@bar@baz=1,bar=2", ""),
      state("32 members", members(32), members(32)),
      state("33 members", members(33), ""),
      state("a key of 256", std::string(256, 'z') + "=1", std::string(256, 'z') + "=1"),
      state("a key of 257", std::string(257, 'z') + "=1", ""),
      state("the longest key of two parts", long_tenant + "@" + long_system + "=1",
            long_tenant + "@" + long_system + "=1"),
      state("a tenant that is longer", long_tenant + "t@v=1", ""),
      state("a system that is longer", "t@v" + long_system + "=1", ""),
      state("an equals sign in a value", "foo=bar=baz", ""),
      state("no value", "foo=,bar=3", ""),
      state("equal keys, which are handed on as they came", "foo=1,foo=1", "foo=1,foo=1"),
  });
}

// HTTP takes blanks off a value, knows no case in names, and joins headers of one name. Kafka's headers are
// bytes: other libraries for Kafka match names exactly, and so do we.
TEST(W3cConformanceTest, TakesKafkasHeadersAsTheyAre) {
  const std::string other = "00-" + kTrace.substr(1) + "1-" + kSpan + "-01";
  check({
      parent("a blank in front", " " + kParent, kNewTrace),
      parent("a tab behind", kParent + "\t", kNewTrace),
      parent("a zero byte behind", kParent + std::string(1, '\0'), kNewTrace),
      {"a null value", {{"traceparent", std::nullopt}}, kNewTrace},
      {"another case", {{"TraceParent", kParent}, {"TRACEPARENT", kParent}}, kNewTrace},
      {"two of them: the last counts", {{"traceparent", other}, {"traceparent", kParent}}, kTrace},
      {"two of them, and the last cannot be read",
       {{"traceparent", kParent}, {"traceparent", "no"}},
       kNewTrace},
      {"two states: the last counts",
       {{"traceparent", kParent}, {"tracestate", "foo=1"}, {"tracestate", "bar=2"}},
       kTrace,
       "bar=2"},
      {"a state in front of its traceparent",
       {{"tracestate", "foo=1"}, {"traceparent", kParent}},
       kTrace,
       "foo=1"},
      {"a state in another case", {{"traceparent", kParent}, {"TraceState", "foo=1"}}, kTrace},
      {"a null state", {{"traceparent", kParent}, {"tracestate", std::nullopt}}, kTrace},
  });
}

}  // namespace
}  // namespace waybill::kafka
