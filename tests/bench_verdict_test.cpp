// Verdicts of the benchmarks of training (tests/bench_verdicts.py); they themselves take minutes.

#include <gtest/gtest.h>

#include <cstdlib>

namespace ocrdet::test {
namespace {

TEST(TrainingBenchmarks, EndWithStatusOneWhenTheirClaimsDoNotHold) {
  EXPECT_EQ(std::system("/usr/bin/python3 -B '" OCRDET_SOURCE_DIR "/tests/bench_verdicts.py' >&2"), 0);
}

}  // namespace
}  // namespace ocrdet::test
