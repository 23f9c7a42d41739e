// An application with OpenTelemetry spans of its own: api-opentelemetry BROKERS TOPIC OUT. Prints the ids of
// its spans.

#include "waybill/client/opentelemetry.h"

#include <opentelemetry/sdk/trace/processor.h>
#include <opentelemetry/sdk/trace/tracer_provider_factory.h>
#include <opentelemetry/trace/scope.h>
#include <opentelemetry/trace/tracer_provider.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "waybill/client/consumer.h"
#include "waybill/client/producer.h"

using namespace std::chrono_literals;
namespace trace = opentelemetry::trace;

namespace {

template <typename Result>
void require(const Result& result) {
  if (result) return;
  std::printf("unexpected: %s\n", result.error().message.c_str());
  std::exit(99);
}

void print(const char* name, const trace::SpanContext& context) {
  char trace_id[32];
  char span_id[16];
  context.trace_id().ToLowerBase16(trace_id);
  context.span_id().ToLowerBase16(span_id);
  std::printf("%s %.32s %.16s\n", name, trace_id, span_id);
}

}  // namespace

int main(int count, char** values) {
  if (count != 4) return 2;
  const std::shared_ptr<trace::TracerProvider> provider =
      opentelemetry::sdk::trace::TracerProviderFactory::Create(
          std::vector<std::unique_ptr<opentelemetry::sdk::trace::SpanProcessor>>{});
  const auto tracer = provider->GetTracer("shop");
  waybill::follow_opentelemetry();
  waybill::follow_opentelemetry();

  auto producer = waybill::Producer::create({{"bootstrap.servers", values[1]}});
  require(producer);
  {
    const auto span = tracer->StartSpan("order");
    const trace::Scope scope{span};
    print("order", span->GetContext());
    require(producer->send({values[2], "within the application's span"}));
  }
  require(producer->send({values[3], "alone"}));
  require(producer->flush(30s));

  auto consumer = waybill::Consumer::create(
      {{"bootstrap.servers", values[1]}, {"group.id", values[2]}, {"auto.offset.reset", "earliest"}});
  require(consumer);
  require(consumer->subscribe({values[2]}));
  for (bool done = false; !done;) {
    auto polled = consumer->poll(1s);
    require(polled);
    if (!*polled) continue;
    waybill::process(**polled, [&](waybill::Record&) {
      require(producer->send({values[3], "within processing"}));
      const auto token = waybill::enter_opentelemetry();
      require(producer->send({values[3], "within processing, too"}));
      const auto span = tracer->StartSpan("charge");
      const trace::Scope scope{span};
      print("charge", span->GetContext());
      require(producer->send({values[3], "within a span within processing"}));
    });
    done = true;
  }
  std::printf("%s\n",
              waybill::enter_opentelemetry() == nullptr ? "nothing is current" : "something is current");
  require(producer->flush(30s));
}
