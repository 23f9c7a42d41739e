#include "waybill/client/internal/application_code.h"

#include <atomic>
#include <exception>
#include <string>

#include "waybill/base/cancellation_hold.h"
#include "waybill/client/internal/core.h"

namespace waybill::internal {
namespace {

struct Installed {
  const std::shared_ptr<CustomSampler> sampler;
  const AttributeExtractor attributes;
  Log log;
};

std::atomic<Installed*> installed{nullptr};

void say_thrown(Log& log, const char* what, const char* thrown) noexcept try {
  log.warning(what, std::string{what} + " threw: " + thrown);
} catch (...) {  // there is no memory to say it with
}

// Runs code of the application's within a hook, through which no exception may pass. Nor may the end of a
// cancelled thread pass through a `catch (...)`.
template <typename Call>
void run_contained(Log& log, const char* what, Call&& call) {
  const base::CancellationHold hold;
  try {
    call();
  } catch (const std::exception& error) {
    say_thrown(log, what, error.what());
  } catch (...) {
    say_thrown(log, what, "what is no std::exception");
  }
}

std::string_view type_of(segment::Operation operation) {
  switch (operation) {
    case segment::Operation::kSend:
      return "send";
    case segment::Operation::kReceive:
      return "receive";
    case segment::Operation::kProcess:
      return "process";
    case segment::Operation::kSettle:
      return "settle";
    case segment::Operation::kTransaction:
      return "transaction";
  }
  return {};
}

bool ask_sampler(const observe::SamplingQuestion& question) {
  Installed& now = *installed.load(std::memory_order_acquire);
  bool sampled = true;
  if (now.sampler == nullptr) return sampled;  // meanwhile another telemetry was made, without one
  run_contained(now.log, "the application's sampler", [&] {
    SpanContext parent;
    if (question.parent != nullptr)
      parent = {question.parent->trace_id.bytes, question.parent->span_id.bytes, question.parent->flags};
    sampled = now.sampler->should_sample({.operation = type_of(question.operation),
                                          .topic = question.topic,
                                          .client_id = question.client_id,
                                          .consumer_group = question.group,
                                          .trace_id = question.trace_id.bytes,
                                          .parent = question.parent == nullptr ? nullptr : &parent,
                                          .parent_is_remote = question.parent_is_remote});
  });
  return sampled;
}

void describe(const observe::DescribedMessage& message, observe::GivenAttributes& given) {
  Installed& now = *installed.load(std::memory_order_acquire);
  if (!now.attributes) return;
  run_contained(now.log, "the application's extractor of attributes", [&] {
    MessageAttributes attributes{given};
    now.attributes(MessageView{message}, attributes);
  });
}

}  // namespace

void install(const ApplicationCode& code, Log::Level level) {
  const agent::EntryPoints* core = core_or_null();
  if (core == nullptr) return;
  installed.store(new Installed{code.sampler, code.attributes, Log{level}}, std::memory_order_release);
  if (code.sampler != nullptr) core->sample_by(ask_sampler);
  if (code.attributes) core->describe_by(describe);
}

void uninstall() {
  const agent::EntryPoints* core = core_or_null();
  if (core == nullptr) return;
  core->sample_by(nullptr);
  core->describe_by(nullptr);
}

}  // namespace waybill::internal
