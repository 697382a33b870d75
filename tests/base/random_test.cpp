#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>

namespace ocrdet {
namespace {

TEST(Random, IsTheSameEverywhereAndSpreadsEvenly) {
  Random random = Random::stream(1, 2);
  EXPECT_EQ(random.next(), 7878002178784381149U);
  double sum = 0;
  std::array<int, 10> bins{};
  for (int i = 0; i < 10'000; ++i) {
    const double value = random.unit();
    sum += value;
    ++bins[std::size_t(value * 10)];
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.01);
  for (const int count : bins) EXPECT_NEAR(count, 1000, 120);
}

}  // namespace
}  // namespace ocrdet
