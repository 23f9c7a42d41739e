#include "waybill/telemetry/shape_cache.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace waybill::telemetry {
namespace {

SpanShape large_shape(Arena& memory) {
  SpanShape shape;
  shape.name = memory.keep(std::string(4'096, 'x'));
  return shape;
}

// What is remembered of a shape, its encoded form among others, is found by this number.
TEST(ShapeCacheTest, NumbersTheShapesOfDifferentMakersApart) {
  ShapeCache cache;
  const SpanShape& first = cache.get({.client = 1}, [](Arena&) { return SpanShape{}; });
  const SpanShape& second = cache.get({.client = 2}, [](Arena&) { return SpanShape{}; });
  const SpanShape& third = cache.get({.client = 3}, large_shape);
  EXPECT_EQ((std::set<std::uint64_t>{first.id, second.id, third.id}).size(), 3U);
}

TEST(ShapeCacheTest, GivesBareShapesWhileThoseThatAreHeldTakeTooMuch) {
  ShapeCache cache;
  std::set<std::shared_ptr<const SpanShapes>> held;
  for (std::uint32_t client = 0; client < 20'000; ++client) {
    cache.get({.client = client}, large_shape);
    held.insert(cache.shapes());
  }
  const SpanShape& send = cache.get({.client = 30'000}, large_shape);
  EXPECT_EQ(send.name, "send");
  EXPECT_GT(send.dropped_attributes_count, 0U);
  const SpanShape& process =
      cache.get({.client = 30'000, .operation = ShapeKey::Operation::kProcess}, large_shape);
  EXPECT_EQ(process.name, "process");

  held.clear();
  cache.clear();
  EXPECT_EQ(cache.get({.client = 30'000}, large_shape).name.size(), 4'096U);
}

}  // namespace
}  // namespace waybill::telemetry
