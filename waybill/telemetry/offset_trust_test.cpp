#include "waybill/telemetry/offset_trust.h"

#include <gtest/gtest.h>

namespace waybill::telemetry {
namespace {

TEST(OffsetTrustTest, TrustsNoUnknownPartitionWhileTooManyHaveInventedOffsets) {
  OffsetTrust trust;
  EXPECT_TRUE(trust.trust({1, 1, 0}, 5));
  constexpr std::int32_t kPartitions = 200'000;
  for (std::int32_t partition = 0; partition < kPartitions; ++partition)
    EXPECT_FALSE(trust.trust({2, 1, partition}, -1));
  EXPECT_LE(trust.size(), 65'536U);
  EXPECT_FALSE(trust.trust({1, 1, 0}, 6));
  trust.forget(2);
  EXPECT_EQ(trust.size(), 0U);
  EXPECT_TRUE(trust.trust({1, 1, 0}, 7));
}

TEST(OffsetTrustTest, ForgetsTheRunsOfOneClientAlone) {
  OffsetTrust trust;
  EXPECT_FALSE(trust.trust({1, 1, -1}, -1));
  EXPECT_FALSE(trust.trust({2, 0, 0}, -1));
  trust.forget(1);
  EXPECT_EQ(trust.size(), 1U);
  EXPECT_TRUE(trust.trust({1, 1, -1}, 0));
  EXPECT_FALSE(trust.trust({2, 0, 0}, 0));
}

}  // namespace
}  // namespace waybill::telemetry
