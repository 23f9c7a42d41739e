#include "waybill/collect/tuning.h"

#include <gtest/gtest.h>

#include <string>

namespace waybill::collect {
namespace {

TEST(TuningTest, RequestsComeThroughAsTheyAre) {
  TuneRequest request{.pid = 42, .pid_namespace = 4'026'531'836, .reset = true};
  request.changes.set("WAYBILL_SAMPLER_RULES", "topic=a,operation=send:always_on;*:traceidratio=0.5");
  request.changes.set("WAYBILL_KEEP", "");
  const std::optional<TuneRequest> read = decode_request(encode(request));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->pid, 42);
  EXPECT_EQ(read->pid_namespace, 4'026'531'836U);
  EXPECT_TRUE(read->reset);
  EXPECT_EQ(read->changes, request.changes);
}

TEST(TuningTest, AnswersComeThroughAsTheyAre) {
  const TuneAnswer answer{.error = "no",
                          .problems = {"a: b", "c=d"},
                          .program = "shop",
                          .settings = {{"WAYBILL_KEEP", "errors", true}, {"WAYBILL_INJECT", "", false}}};
  const std::optional<TuneAnswer> read = decode_answer(encode(answer));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->error, "no");
  EXPECT_EQ(read->problems, answer.problems);
  EXPECT_EQ(read->program, "shop");
  ASSERT_EQ(read->settings.size(), 2U);
  EXPECT_EQ(read->settings[0].name, "WAYBILL_KEEP");
  EXPECT_EQ(read->settings[0].value, "errors");
  EXPECT_TRUE(read->settings[0].tuned);
  EXPECT_FALSE(read->settings[1].tuned);
}

TEST(TuningTest, TakesNothingThatIsIncompleteOrAnotherText) {
  const std::string whole = encode(TuneAnswer{.program = "shop"});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_answer(whole.substr(0, size)).has_value()) << size;
  EXPECT_FALSE(decode_request(whole).has_value());
  EXPECT_FALSE(decode_answer(encode(TuneRequest{.pid = 1})).has_value());
}

TEST(TuningTest, TakesNoRequestForWhatCannotBeTuned) {
  for (const char* name : {"OTEL_EXPORTER_OTLP_ENDPOINT", "WAYBILL_OTLP_FILE", "LD_PRELOAD", "nonsense"}) {
    TuneRequest request{.pid = 42};
    request.changes.set(name, "value");
    EXPECT_FALSE(decode_request(encode(request)).has_value()) << name;
  }
  EXPECT_FALSE(decode_request(encode(TuneRequest{.pid = 0})).has_value());
  EXPECT_FALSE(decode_request(encode(TuneRequest{.pid = -1})).has_value());
}

}  // namespace
}  // namespace waybill::collect
