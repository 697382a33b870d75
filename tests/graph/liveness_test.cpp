#include "graph/liveness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace ocrdet {
namespace {

using testing::ElementsAre;
using testing::Field;

// x → a → b → c, where c also reads a: 4, 8 and 2 floats.
Graph smallGraph() {
  Graph graph;
  graph.inputs = {{"x", DType::kFloat32, {{4, ""}}}};
  graph.outputs = {{"c", DType::kFloat32, {{2, ""}}}};
  graph.nodes = {{"A", "first", {"x"}, {"a"}, {}},
                 {"B", "second", {"a"}, {"b"}, {}},
                 {"C", "third", {"b", "a"}, {"c"}, {}},
                 {"D", "unread", {"x"}, {"d"}, {}}};
  return graph;
}

const ValueTable kValues{{"x", {DType::kFloat32, {4}}},
                         {"a", {DType::kFloat32, {4}}},
                         {"b", {DType::kFloat32, {8}}},
                         {"c", {DType::kFloat32, {2}}},
                         {"d", {DType::kFloat32, {1}}}};

TEST(Liveness, ValuesLiveUntilTheirLastReaderAndOutputsUntilTheEnd) {
  const std::vector<LiveRange> ranges = liveRanges(smallGraph(), kValues);
  ASSERT_EQ(ranges.size(), 4u);
  const auto is = [](const LiveRange& range, const char* name, std::int64_t bytes, std::size_t first,
                     std::size_t last) {
    return range.name == name && range.bytes == bytes && range.first == first && range.last == last;
  };
  EXPECT_TRUE(is(ranges[0], "a", 16, 0, 2));
  EXPECT_TRUE(is(ranges[1], "b", 32, 1, 2));
  EXPECT_TRUE(is(ranges[2], "c", 8, 2, 3));
  EXPECT_TRUE(is(ranges[3], "d", 4, 3, 3)) << "nobody reads it, but it is computed";
}

TEST(Liveness, PeakIsWhereMostIsAliveWithTheLargestNamedFirst) {
  const LivePeak peak = peakOf(liveRanges(smallGraph(), kValues));
  EXPECT_EQ(peak.bytes, 16 + 32 + 8);
  EXPECT_EQ(peak.step, 2u);
  EXPECT_THAT(peak.alive,
              ElementsAre(Field(&LiveRange::name, "b"), Field(&LiveRange::name, "a"), Field(&LiveRange::name, "c")));
}

TEST(Liveness, OfNothingIsNothing) {
  EXPECT_EQ(peakOf({}).bytes, 0);
}

TEST(Liveness, PeakEqualsASumOverEveryStep) {
  std::mt19937 random(20261124);
  for (int round = 0; round < 200; ++round) {
    std::vector<LiveRange> ranges;
    std::int64_t alive[20] = {};
    for (int i = 0; i < 30; ++i) {
      const std::size_t first = random() % 20, last = first + random() % (20 - first);
      const std::int64_t bytes = static_cast<std::int64_t>(random() % 1000);
      ranges.push_back({std::to_string(i), bytes, first, last});
      for (std::size_t step = first; step <= last; ++step) alive[step] += bytes;
    }
    const LivePeak peak = peakOf(ranges);
    EXPECT_EQ(peak.bytes, *std::max_element(std::begin(alive), std::end(alive))) << "round " << round;
    EXPECT_EQ(alive[peak.step], peak.bytes) << "round " << round;
  }
}

}  // namespace
}  // namespace ocrdet
