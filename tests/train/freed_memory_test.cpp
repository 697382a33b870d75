#include "train/freed_memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <limits>
#include <vector>

namespace ocrdet {
namespace {

// Page faults of writing to `bytes` of fresh memory, which is freed again.
long faultsOfWriting(std::size_t bytes) {
  const auto faults = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
  };
  const long before = faults();
  const std::vector<char> memory(bytes, 1);
  return faults() - before + long(memory.back() == 0);
}

TEST(FreedMemory, ComesBackWithoutPageFaults) {
  constexpr std::size_t kBytes = 64 << 20;  // above glibc's highest threshold
  if (!keepFreedMemory(1)) GTEST_SKIP() << "this C library has no such option";
  const long first = faultsOfWriting(kBytes);
  EXPECT_LE(faultsOfWriting(kBytes), first / 10);
}

TEST(FreedMemory, IsReturnedWhereThereIsLittleOrNothingPredicted) {
  EXPECT_FALSE(keepFreedMemory(0));
  EXPECT_FALSE(keepFreedMemory(std::numeric_limits<std::int64_t>::max() / 2));
}

}  // namespace
}  // namespace ocrdet
