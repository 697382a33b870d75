#include "passes/float16.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "graph/initialiser.h"
#include "ocrdet/error.h"
#include "passes/graph_queries.h"

namespace ocrdet {
namespace {

using namespace test;

// y = x + w, resized with constant scales.
Graph sample(std::vector<float> weights) {
  Graph graph;
  const std::int64_t count = static_cast<std::int64_t>(weights.size());
  graph.inputs = {{"x", DType::kFloat32, {{count, ""}}}};
  graph.outputs = {{"y", DType::kFloat32, {{2 * count, ""}}}};
  graph.initialisers = {makeInitialiser("w", {count}, weights), makeInitialiser("scales", {1}, std::vector<float>{2})};
  graph.nodes = {{"Add", "add", {"x", "w"}, {"sum"}, {}}, {"Resize", "resize", {"sum", "", "scales"}, {"y"}, {}}};
  return graph;
}

std::vector<std::uint16_t> halves(const Initialiser& initialiser) {
  std::vector<std::uint16_t> bits(initialiser.bytes.size() / 2);
  std::memcpy(bits.data(), initialiser.bytes.data(), initialiser.bytes.size());
  return bits;
}

TEST(Float16, RoundsToTheNearestAndTiesToEven) {
  const Graph graph = convertToFloat16(sample({1.0f, -2.0f, 0x1.002p0f, 0x1.006p0f, 0x1.0021p0f, 65504.0f, 65519.0f,
                                               0x1p-24f, 0x1p-25f, 0x1.8p-25f, 0.0f, -0.0f}),
                                       false);
  // 1 + 2^-11 lies in the middle between 1 and 1 + 2^-10, 1 + 3·2^-11 between 1 + 2^-10 and 1 + 2^-9.
  EXPECT_THAT(halves(initialiserOf(graph, "w")), testing::ElementsAre(0x3c00, 0xc000, 0x3c00, 0x3c02, 0x3c01, 0x7bff,
                                                                      0x7bff, 0x0001, 0x0000, 0x0001, 0x0000, 0x8000));
  EXPECT_EQ(initialiserOf(graph, "w").dtype, DType::kFloat16);
}

TEST(Float16, IsNeverFartherThanHalfAStepAwayFromRandomWeights) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> exponent(-26, 15.9f);
  std::vector<float> weights(20000);
  for (float& weight : weights) weight = std::exp2(exponent(random)) * (random() % 2 == 0 ? 1.0f : -1.0f);
  const std::vector<std::uint16_t> bits = halves(initialiserOf(convertToFloat16(sample(weights), false), "w"));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    // The value of a float16, from the definition of the format.
    const int biased = bits[i] >> 10 & 31;
    const double fraction = bits[i] & 1023;
    const double magnitude = biased == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, biased - 25);
    const double value = bits[i] & 0x8000 ? -magnitude : magnitude;
    const double half_step = std::ldexp(0.5, std::max(biased, 1) - 25);
    EXPECT_LE(std::abs(value - weights[i]), half_step) << weights[i];
  }
}

TEST(Float16, KeepsScalesAsFloat32) {
  const Graph graph = convertToFloat16(sample({1.0f}), false);
  EXPECT_EQ(initialiserOf(graph, "scales").dtype, DType::kFloat32);
}

TEST(Float16, PutsACastAtBothEnds) {
  const Graph graph = convertToFloat16(sample({1.0f}), false);
  ASSERT_EQ(graph.nodes.size(), 4u);
  EXPECT_EQ(graph.nodes.front().op, "Cast");
  EXPECT_EQ(graph.nodes.back().op, "Cast");
  EXPECT_EQ(graph.nodes.back().outputs[0], "y");
  EXPECT_EQ(graph.inputs[0].dtype, DType::kFloat32);
  EXPECT_EQ(graph.outputs[0].dtype, DType::kFloat32);
}

TEST(Float16, LeavesInputAndOutputFloat16WhenAsked) {
  const Graph graph = convertToFloat16(sample({1.0f}), true);
  EXPECT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(graph.inputs[0].dtype, DType::kFloat16);
  EXPECT_EQ(graph.outputs[0].dtype, DType::kFloat16);
}

TEST(Float16, RefusesEveryWeightBeyondItsRangeByName) {
  for (const float value : {65520.0f, -1e6f, INFINITY, NAN}) {
    Graph graph = sample({1.0f, value});
    graph.initialisers.push_back(makeInitialiser("other", {1}, std::vector<float>{value}));
    try {
      convertToFloat16(std::move(graph), false);
      FAIL() << value << " was accepted";
    } catch (const Error& error) {
      EXPECT_STREQ(error.code().name, "graph.float16-range");
      EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("'w'"), testing::HasSubstr("'other'")));
    }
  }
}

}  // namespace
}  // namespace ocrdet
