// The training benchmark's verdicts (tests/bench_train_verdict.py); the benchmark itself takes minutes.

#include <gtest/gtest.h>

#include <cstdlib>

namespace ocrdet::test {
namespace {

TEST(TrainingBenchmark, FailsWhenSlowerOrWaitingAndComparesOnlyTheSameLibTorch) {
  EXPECT_EQ(std::system("/usr/bin/python3 -B '" OCRDET_SOURCE_DIR "/tests/bench_train_verdict.py' >&2"), 0);
}

}  // namespace
}  // namespace ocrdet::test
