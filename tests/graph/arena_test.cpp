#include "graph/arena.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace ocrdet {
namespace {

constexpr std::int64_t kMebi = 1 << 20;

// The arena's own table: 8 bytes for each 256 of a region.
constexpr std::int64_t table(std::int64_t region) {
  return region / 32;
}

TEST(Arena, TouchesOnlyWhatItHandsOut) {
  Arena arena;
  arena.allocate(100 * kMebi);
  // The region is the next power of two, 128 MiB, of which 28 are never used.
  EXPECT_EQ(arena.touchedBytes(), 100 * kMebi + table(128 * kMebi));
}

TEST(Arena, UsesFreedMemoryAgain) {
  Arena arena;
  const std::size_t first = arena.allocate(100 * kMebi);
  const std::int64_t once = arena.touchedBytes();
  arena.release(first);
  arena.allocate(60 * kMebi);
  arena.allocate(40 * kMebi);
  EXPECT_EQ(arena.touchedBytes(), once);
}

TEST(Arena, JoinsFreeNeighbours) {
  Arena arena;
  arena.release(arena.allocate(60 * kMebi));  // makes one region of 64 MiB
  const std::size_t a = arena.allocate(30 * kMebi), b = arena.allocate(30 * kMebi);
  const std::int64_t before = arena.touchedBytes();
  arena.release(a);
  arena.release(b);
  arena.allocate(60 * kMebi);
  EXPECT_EQ(arena.touchedBytes(), before);
}

TEST(Arena, TakesTheSmallestHoleThatFits) {
  Arena arena;
  arena.release(arena.allocate(33 * kMebi));  // makes one region of 64 MiB
  const std::size_t large = arena.allocate(20 * kMebi);
  arena.allocate(kMebi);
  const std::size_t small = arena.allocate(5 * kMebi);
  arena.allocate(kMebi);
  const std::int64_t before = arena.touchedBytes();
  arena.release(large);
  arena.release(small);
  arena.allocate(5 * kMebi);  // into the small hole, so that the large one is left for the next
  arena.allocate(20 * kMebi);
  EXPECT_EQ(arena.touchedBytes(), before);
}

TEST(Arena, GivesAwayAWholeChunkWhenLittleWouldBeLeft) {
  Arena arena;
  arena.allocate(40 * kMebi);  // of a region of 64 MiB: the rest is smaller than the request
  arena.allocate(20 * kMebi);
  EXPECT_EQ(arena.touchedBytes(), 60 * kMebi + 2 * table(64 * kMebi));
}

// As seen in a trace of ONNX Runtime 1.29: requests of 1, 151, 151 and 151 MB took regions of 1, 268, 268 and 537 MB.
TEST(Arena, DoublesItsRegionsOnlyWhenTheLastOneWasNotEnlargedForItsRequest) {
  Arena arena;
  std::int64_t regions = 0;
  for (const auto& [request, region] :
       std::map<int, std::int64_t>{{0, kMebi}, {1, 256 * kMebi}, {2, 256 * kMebi}, {3, 512 * kMebi}}) {
    arena.allocate(request == 0 ? kMebi : 200 * kMebi);
    regions += region;
    const std::int64_t handed_out = kMebi + request * 200 * kMebi;
    EXPECT_EQ(arena.touchedBytes(), handed_out + table(regions)) << "request " << request;
  }
}

TEST(Arena, NeverTouchesLessThanIsAliveAndNeverForgets) {
  std::mt19937 random(7);
  Arena arena;
  std::map<std::size_t, std::int64_t> alive;
  std::int64_t alive_bytes = 0, touched = 0;
  for (int step = 0; step < 5000; ++step) {
    if (alive.size() > 40 || (!alive.empty() && random() % 2 == 0)) {
      const auto victim = std::next(alive.begin(), static_cast<std::ptrdiff_t>(random() % alive.size()));
      arena.release(victim->first);
      alive_bytes -= victim->second;
      alive.erase(victim);
    } else {
      const std::int64_t bytes = 1 + static_cast<std::int64_t>(random() % (4 * kMebi));
      alive[arena.allocate(bytes)] = bytes;
      alive_bytes += bytes;
    }
    ASSERT_GE(arena.touchedBytes(), std::max(alive_bytes, touched)) << "step " << step;
    touched = arena.touchedBytes();
  }
}

TEST(Arena, EndsForRequestsBeyondAnyMachine) {
  Arena arena;
  arena.allocate(std::int64_t{1} << 55);
  EXPECT_GE(arena.touchedBytes(), std::int64_t{1} << 55);
}

}  // namespace
}  // namespace ocrdet
