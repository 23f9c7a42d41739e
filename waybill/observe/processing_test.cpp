#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <thread>

#include "waybill/observe/testing/hall.h"

namespace waybill::observe {
namespace {

using testing::client_of;
using testing::hall;

// Scopes as an application tells of them. Each names itself by its span.
class ProcessingTest : public ::testing::Test {
 protected:
  struct Scope {
    ScopeTicket ticket;
    context::SpanContext context;
  };

  ProcessingTest() { hall().publish({}); }
  ~ProcessingTest() override { hall().room().close_client(client_); }

  static context::SpanContext current() { return hall().room().current_context().context; }

  Scope begin() {
    IncomingMessage message;
    message.topic = "orders";
    message.partition = 0;
    const ScopeTicket ticket = hall().room().begin_processing(client_, message);
    return {ticket, current()};
  }

  static void end(const Scope& scope) { hall().room().end_processing(scope.ticket, {}); }
  static void end_elsewhere(const Scope& scope) {
    std::thread{[&] { end(scope); }}.join();
  }

  Client& client_ = client_of(false, "billing");
};

TEST_F(ProcessingTest, TheOuterScopeIsCurrentAgainWhenTheInnerOneHasEndedOnAnotherThread) {
  const Scope outer = begin();
  const Scope inner = begin();
  EXPECT_NE(outer.context, inner.context);
  end_elsewhere(inner);
  EXPECT_EQ(current(), outer.context);
  end(outer);
  EXPECT_FALSE(current().valid());
}

TEST_F(ProcessingTest, NothingIsCurrentWhenTheOnlyScopeHasEndedOnAnotherThread) {
  end_elsewhere(begin());
  EXPECT_FALSE(current().valid());
}

TEST_F(ProcessingTest, TheInnerScopeStaysCurrentWhenTheOuterOneEndsFirst) {
  const Scope outer = begin();
  const Scope inner = begin();
  end(outer);
  EXPECT_EQ(current(), inner.context);
  end(inner);
  EXPECT_FALSE(current().valid());
}

TEST_F(ProcessingTest, AScopeAroundOneThatEndedTooEarlyIsFound) {
  const Scope outermost = begin();
  const Scope middle = begin();
  const Scope inner = begin();
  end(middle);
  end(inner);
  EXPECT_EQ(current(), outermost.context);
  end(outermost);
}

TEST_F(ProcessingTest, WhateverTheOrderAndTheThreadOfEndsTheInnermostThatIsLeftIsCurrent) {
  for (const std::array<int, 3> order :
       {std::array{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
    for (unsigned elsewhere = 0; elsewhere < 8; ++elsewhere) {
      const std::array<Scope, 3> scopes{begin(), begin(), begin()};
      std::array<bool, 3> has_ended{};
      for (const int one : order) {
        const auto at = static_cast<std::size_t>(one);
        if ((elsewhere >> at & 1U) != 0)
          end_elsewhere(scopes[at]);
        else
          end(scopes[at]);
        has_ended[at] = true;
        context::SpanContext innermost;
        for (std::size_t left = 0; left < 3; ++left) {
          if (!has_ended[left]) innermost = scopes[left].context;
        }
        EXPECT_EQ(current(), innermost);
      }
    }
  }
}

TEST_F(ProcessingTest, WhatIsLeftInASlotIsNotTakenForTheScopeThatHadItBefore) {
  const Scope outer = begin();
  const Scope inner = begin();
  Scope others;
  end_elsewhere(inner);
  std::thread{[&] { others = begin(); }}.join();  // in the slot of the inner one
  EXPECT_EQ(current(), outer.context);
  end(others);
  EXPECT_EQ(current(), outer.context);
  end(outer);
}

TEST_F(ProcessingTest, AScopeThatEndsASecondTimeEndsNoOther) {
  const Scope first = begin();
  end(first);
  const Scope second = begin();
  end(first);
  EXPECT_EQ(current(), second.context);
  end(second);
}

TEST_F(ProcessingTest, ATicketOfNoScopeEndsNothing) {
  const Scope scope = begin();
  ScopeTicket forged = scope.ticket;
  ++forged.state;  // as if the slot was free
  hall().room().end_processing(forged, {});
  forged.scope = Room::kScopes + 1;
  hall().room().end_processing(forged, {});
  forged = scope.ticket;
  ++forged.room;
  hall().room().end_processing(forged, {});
  EXPECT_EQ(current(), scope.context);
  end(scope);
  EXPECT_FALSE(current().valid());
}

MessageContext some_context() {
  MessageContext context;
  context.context.trace_id.bytes.fill(0xab);
  context.context.span_id.bytes.fill(0xcd);
  context.context.flags = context::kFlagSampled;
  context.tracestate = "vendor=1";
  context.baggage = "tenant=acme";
  return context;
}

TEST_F(ProcessingTest, AContextOfAnotherWayIsCurrentAndLeavesNoRecord) {
  hall().written();
  const ScopeTicket ticket = hall().room().begin_context(some_context());
  const MessageContext now = hall().room().current_context();
  EXPECT_EQ(now.context, some_context().context);
  EXPECT_EQ(now.tracestate, "vendor=1");
  EXPECT_EQ(now.baggage, "tenant=acme");
  hall().room().end_processing(ticket, {});
  EXPECT_FALSE(current().valid());
  EXPECT_EQ(hall().written(), 0);
}

TEST_F(ProcessingTest, ProcessingWithinSuchAContextIsTheChildOfASpanOfAnotherProcess) {
  const ScopeTicket around = hall().room().begin_context(some_context());
  hall().written();
  const Scope inner = begin();
  EXPECT_EQ(inner.context.trace_id, some_context().context.trace_id);
  EXPECT_NE(inner.context.span_id, some_context().context.span_id);
  int remote = 0;
  hall().drain([&](const segment::RecordView& view) {
    if (view.kind != segment::RecordKind::kConsumeStarted) return;
    segment::ConsumeStarted record;
    std::memcpy(&record, view.bytes.data(), sizeof record);
    EXPECT_EQ(record.parent_span_id, some_context().context.span_id.bytes);
    remote += (record.bits & segment::bits::kParentRemote) != 0 ? 1 : 0;
  });
  EXPECT_EQ(remote, 1);
  end(inner);
  hall().room().end_processing(around, {});
}

TEST_F(ProcessingTest, AnEmptyContextLeavesWhatIsCurrent) {
  const Scope scope = begin();
  const ScopeTicket ticket = hall().room().begin_context({});
  EXPECT_EQ(ticket.scope, 0U);
  EXPECT_EQ(current(), scope.context);
  end(scope);
}

// A thread that ends leaves its scopes to others; the next one may get its place in memory.
TEST_F(ProcessingTest, AScopeOfAThreadThatHasEndedIsCurrentNowhere) {
  Scope left;
  std::thread{[&] { left = begin(); }}.join();
  std::thread{[&] {
    end_elsewhere(begin());
    EXPECT_FALSE(current().valid());
  }}.join();
  end(left);
}

}  // namespace
}  // namespace waybill::observe
