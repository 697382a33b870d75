// How the prediction behaves. That it agrees with what ONNX Runtime takes is tested where both are at hand:
// tests/network/peak_memory_test.cpp.
#include "graph/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/initialiser.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

using testing::HasSubstr;

// x [n, 16, side, side] → 3×3 convolution → y, with 16·16·9 weights.
Graph oneConvolution() {
  Graph graph;
  graph.inputs = {{"x", DType::kFloat32, {{0, "batch"}, {16, ""}, {0, "side"}, {0, "side"}}}};
  graph.outputs = {{"y", DType::kFloat32, {{0, "batch"}, {16, ""}, {0, "out"}, {0, "out"}}}};
  graph.initialisers = {makeInitialiser("w", {16, 16, 3, 3}, std::vector<float>(16 * 16 * 9))};
  graph.nodes = {
      {"Conv",
       "the convolution",
       {"x", "w"},
       {"y"},
       {{"kernel_shape", std::vector<std::int64_t>{3, 3}}, {"pads", std::vector<std::int64_t>{1, 1, 1, 1}}}}};
  return graph;
}

TEST(MemoryPrediction, AddsProcessInputAndMaps) {
  const MemoryPrediction prediction =
      predictPeakMemory(oneConvolution(), {{"batch", 1}, {"side", 512}}, {.arena = false});
  const std::int64_t map = 16 * 512 * 512 * 4;
  EXPECT_EQ(prediction.input_bytes, map);
  EXPECT_EQ(prediction.activation_bytes, map);
  EXPECT_EQ(prediction.peak_bytes, prediction.loaded_bytes + 2 * map);
}

TEST(MemoryPrediction, GrowsWithSizeAndBatchAndTheArenaNeverTakesLess) {
  std::int64_t before = 0;
  for (const auto& [batch, side] : {std::pair{1, 64}, {1, 128}, {2, 128}, {2, 512}, {3, 512}}) {
    const SymbolLengths lengths{{"batch", batch}, {"side", side}};
    const std::int64_t with = predictPeakMemory(oneConvolution(), lengths).peak_bytes;
    const std::int64_t without = predictPeakMemory(oneConvolution(), lengths, {.arena = false}).peak_bytes;
    EXPECT_GT(with, before) << batch << " of " << side;
    EXPECT_GE(with, without) << batch << " of " << side;
    before = with;
  }
}

TEST(MemoryPrediction, CountsFloat16WeightsAsTheFloat32ThatTheyBecome) {
  Graph narrow = oneConvolution(), wide = oneConvolution();
  // 64 MB of weights in either width.
  wide.initialisers.push_back({"more", DType::kFloat32, {16'000'000}, std::string(64'000'000, '\0')});
  narrow.initialisers.push_back({"more", DType::kFloat16, {32'000'000}, std::string(64'000'000, '\0')});
  const SymbolLengths lengths{{"batch", 1}, {"side", 64}};
  EXPECT_GT(predictPeakMemory(narrow, lengths).loaded_bytes,
            predictPeakMemory(wide, lengths).loaded_bytes + 2 * 64'000'000);
}

TEST(MemoryPrediction, NamesWhereThePeakIsAndWhatDominatesIt) {
  const MemoryPrediction prediction = predictPeakMemory(oneConvolution(), {{"batch", 4}, {"side", 1024}});
  ASSERT_GE(prediction.largest.size(), 3u);
  for (std::size_t i = 1; i < prediction.largest.size(); ++i) {
    EXPECT_GE(prediction.largest[i - 1].bytes, prediction.largest[i].bytes);
  }
  const std::string text = describe(prediction);
  EXPECT_THAT(text, HasSubstr("at the convolution: "));
  EXPECT_THAT(text, HasSubstr("input 268 MB"));
}

TEST(MemoryPrediction, NeedsALengthForEveryFreeAxis) {
  EXPECT_THROW(predictPeakMemory(oneConvolution(), {}), Error);
}

}  // namespace
}  // namespace ocrdet
