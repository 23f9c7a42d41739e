#include "waybill/kafka/observed_client.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace waybill::kafka {
namespace {

rd_kafka_t* handle_of(std::uintptr_t number) { return reinterpret_cast<rd_kafka_t*>(number * 64); }

// Two clients are made at once, and the one with the later place is the first to be ready.
TEST(ObservedClientTest, IsFoundWhileAPlaceBeforeItIsNotTakenYet) {
  observe::Client first{};
  observe::Client second{};
  first.number = 1;
  second.number = 2;
  Observed& later = remember_observed(7, {nullptr, &second, handle_of(2), nullptr, 0});
  EXPECT_EQ(find_observed(handle_of(2)), &later);
  EXPECT_EQ(find_observed(handle_of(1)), nullptr);
  Observed& earlier = remember_observed(3, {nullptr, &first, handle_of(1), nullptr, 0});
  EXPECT_EQ(find_observed(handle_of(1)), &earlier);
  EXPECT_EQ(find_observed(handle_of(2)), &later);
  EXPECT_EQ(find_observed(nullptr), nullptr);
  first.number = second.number = 0;  // they are closed
  EXPECT_EQ(find_observed(handle_of(1)), nullptr);
  EXPECT_EQ(find_observed(handle_of(2)), nullptr);
}

}  // namespace
}  // namespace waybill::kafka
