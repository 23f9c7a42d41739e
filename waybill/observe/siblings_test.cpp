#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

#include "waybill/context/sampler.h"
#include "waybill/observe/testing/hall.h"

namespace waybill::observe {
namespace {

using context::ParentKind;
using context::Sampler;
using testing::client_of;
using testing::Hall;
using testing::hall;

ProcessScope* of_another = nullptr;

const ProcessScope* find_scope() { return of_another != nullptr ? of_another : hall().room().own_scope(); }

IncomingMessage order() {
  IncomingMessage message;
  message.topic = "orders";
  message.partition = 0;
  return message;
}

// Another host side of the process, in which a message is processed on this thread.
class SiblingsTest : public ::testing::Test {
 protected:
  SiblingsTest() {
    hall().publish({});
    scope_.context.trace_id.bytes[0] = 7;
    scope_.context.span_id.bytes[0] = 7;
    scope_.context.flags = context::kFlagSampled;
    scope_.baggage_text = baggage_.data();
    scope_.baggage_size = static_cast<std::uint16_t>(baggage_.size());
    of_another = &scope_;
    Room::stand_beside({&Room::scopes_begun(), find_scope});
  }
  ~SiblingsTest() override {
    Room::stand_beside({&Room::scopes_begun(), nullptr});
    hall().room().close_client(producer_);
    hall().room().close_client(consumer_);
  }

  const std::string_view baggage_ = "tenant=eu";
  ProcessScope scope_{};
  Client& producer_ = client_of(true);
  Client& consumer_ = client_of(false, "billing");
};

TEST_F(SiblingsTest, WhatIsSentIsTheChildOfWhatAnotherHostSideProcesses) {
  const SendPlan plan = hall().room().plan_send(producer_, "orders", {});
  EXPECT_EQ(plan.context.trace_id, scope_.context.trace_id);
  EXPECT_EQ(plan.parent, scope_.context.span_id);
  EXPECT_EQ(plan.baggage, baggage_);
}

TEST_F(SiblingsTest, AContextThatCameWithTheMessageOfAnotherHostSideIsForwarded) {
  scope_.creation.trace_id.bytes[0] = scope_.creation.span_id.bytes[0] = 9;
  const SendPlan plan = hall().room().plan_send(producer_, "orders", {scope_.creation, {}, {}});
  EXPECT_TRUE(plan.remove_existing);
  EXPECT_FALSE(plan.link.valid());
}

TEST_F(SiblingsTest, ProcessingWithinThatOfAnotherHostSideIsItsChild) {
  const ScopeTicket ticket = hall().room().begin_processing(consumer_, order());
  const ProcessScope* own = hall().room().own_scope();
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(own->context.trace_id, scope_.context.trace_id);
  EXPECT_NE(own->context.span_id, scope_.context.span_id);
  EXPECT_EQ(own->baggage(), baggage_);
  hall().room().end_processing(ticket, {});
}

TEST_F(SiblingsTest, ASpanOfAnotherHostSideIsALocalParent) {
  segment::HostSettings settings;
  settings.samplers.fill(static_cast<std::uint8_t>(Sampler::Kind::kAlwaysOff));
  settings.samplers[static_cast<unsigned>(ParentKind::kLocalSampled)] =
      static_cast<std::uint8_t>(Sampler::Kind::kAlwaysOn);
  hall().publish(settings);
  EXPECT_TRUE(hall().room().plan_send(producer_, "orders", {}).record);
  scope_.creation = scope_.context;  // it only hands on what came with its message
  EXPECT_FALSE(hall().room().plan_send(producer_, "orders", {}).record);
}

TEST_F(SiblingsTest, WithoutAScopeElsewhereTheOwnOneCounts) {
  of_another = nullptr;
  const ScopeTicket ticket = hall().room().begin_processing(consumer_, order());
  EXPECT_EQ(hall().room().plan_send(producer_, "orders", {}).parent,
            hall().room().own_scope()->context.span_id);
  hall().room().end_processing(ticket, {});
  EXPECT_FALSE(hall().room().plan_send(producer_, "orders", {}).parent.valid());
}

// In a process of its own, because all other tests share one room. 0: as it should be; else the line.
int leave_and_enter_again() {
  Hall first;
  Room& left = first.room();
  Client& open = *left.open_client({});
  if (Room::leave()) return __LINE__;
  left.close_client(open);
  if (!Room::leave() || Room::entered() != nullptr) return __LINE__;
  first.written();
  left.count(segment::HostCounter::kSampledHookNs);  // a thread that was in it does no harm
  Client& late = *left.open_client({});
  if (first.written() != 0) return __LINE__;
  Hall second;
  if (&second.room() == &left || Room::entered() != &second.room()) return __LINE__;
  if (late.number == 0 || second.room().open_client({})->number <= late.number) return __LINE__;
  return 0;
}

TEST(LeavingTest, ARoomIsLeftWhenNoClientIsOpenAndTheNextOneIsAnother) {
  EXPECT_EXIT(std::_Exit(leave_and_enter_again()), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace waybill::observe
