#include "waybill/context/propagators.h"

#include <gtest/gtest.h>

#include <vector>

namespace waybill::context {
namespace {

TEST(PropagatorsTest, KeepTheirOrderAndTakeEachOnce) {
  Propagators propagators;
  EXPECT_TRUE(propagators.empty());
  for (const Propagator one : {Propagator::kB3Multi, Propagator::kB3, Propagator::kB3Multi,
                               Propagator::kTraceContext, Propagator::kBaggage, Propagator::kB3})
    propagators.add(one);
  std::vector<Propagator> order;
  propagators.for_each([&](Propagator one) { order.push_back(one); });
  EXPECT_EQ(order, (std::vector{Propagator::kB3Multi, Propagator::kB3, Propagator::kTraceContext,
                                Propagator::kBaggage}));
  EXPECT_EQ(Propagators::from_packed(propagators.packed()), propagators);
}

TEST(PropagatorsTest, HaveRoomForAllOfThem) {
  const Propagators all{Propagator::kJaeger, Propagator::kB3Multi, Propagator::kB3, Propagator::kBaggage,
                        Propagator::kTraceContext};
  EXPECT_TRUE(all.has(Propagator::kJaeger) && all.has(Propagator::kTraceContext));
  EXPECT_EQ(Propagators::from_packed(all.packed()), all);
}

TEST(PropagatorsTest, KnowWhetherOneCarriesAContext) {
  Propagators propagators;
  EXPECT_FALSE(propagators.carry_context());
  propagators.add(Propagator::kBaggage);
  EXPECT_FALSE(propagators.carry_context());
  propagators.add(Propagator::kB3);
  EXPECT_TRUE(propagators.carry_context());
  EXPECT_TRUE(kDefaultPropagators.has(Propagator::kBaggage));
  EXPECT_FALSE(kDefaultPropagators.has(Propagator::kB3));
}

}  // namespace
}  // namespace waybill::context
