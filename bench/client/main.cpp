// bench-client: a plain user of librdkafka that sends or reads many messages and tells, as JSON, how fast it
// went and what it cost. bench/run.py runs it bare and under Waybill.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>

#include "consume.h"
#include "options.h"
#include "produce.h"

int main(int count, char** values) {
  using waybill::bench::Headers;
  waybill::bench::Options options;
  const std::map<std::string, Headers> headers{{"none", Headers::kNone},
                                               {"allocate", Headers::kAllocate},
                                               {"recycle", Headers::kRecycle},
                                               {"read", Headers::kRead}};
  CLI::App app{"Sends or reads many messages and tells what it cost."};
  app.require_subcommand(1);
  app.add_option("--brokers", options.brokers, "Bootstrap servers (default: a mock cluster in this process)");
  app.add_option("--topic", options.topic, "The topic, of one partition")->capture_default_str();
  app.add_option("--plugin", options.plugin, "plugin.library.paths");
  app.add_option("--headers", options.headers, "What the client itself does with headers")
      ->transform(CLI::CheckedTransformer(headers));
  app.add_option("--messages", options.messages, "How many")->capture_default_str();
  app.add_option("--rate", options.rate, "Messages a second (default: as fast as it goes)");
  app.add_option("--size", options.size, "Bytes of the value")->capture_default_str();
  app.add_option("--sampled", options.sampled,
                 "Percent of the messages in the topic whose context is sampled");
  app.add_flag("--sampled-only", options.sampled_only, "The others carry no header");
  app.add_option("--flush-every", options.flush_every,
                 "Wait for all delivery reports after so many messages");
  app.add_flag("--latency", options.latency, "Measure every call");
  CLI::App* consume = app.add_subcommand("consume", "Read messages")->fallthrough();
  CLI::App* fill = app.add_subcommand("fill", "Fill the topic for consume")->fallthrough();
  app.add_subcommand("produce", "Send messages")->fallthrough();
  CLI11_PARSE(app, count, values);

  if (fill->parsed()) {
    waybill::bench::fill(options, options.brokers, options.messages);
    return 0;
  }
  const auto figures =
      consume->parsed() ? waybill::bench::consume(options) : waybill::bench::produce(options);
  std::puts(figures.dump().c_str());
  return 0;
}
