#include "waybill/base/hook.h"

#include <gtest/gtest.h>

namespace waybill::base {
namespace {

TEST(RunHookTest, GivesTheHostItsErrnoBack) {
  errno = EAGAIN;
  run_hook([] { errno = EINVAL; });
  EXPECT_EQ(errno, EAGAIN);
}

TEST(RunHookTest, DoesNotObserveACallThatItsOwnHalfCauses) {
  int calls = 0;
  run_hook([&] {
    ++calls;
    run_hook([&] { ++calls; });
  });
  EXPECT_EQ(calls, 1);
}

TEST(RunHookTest, ObservesTheNextCallAgain) {
  int calls = 0;
  run_hook([&] { ++calls; });
  run_hook([&] { ++calls; });
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace waybill::base
