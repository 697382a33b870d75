#include "passes/fold_batch_norm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "graph/initialiser.h"
#include "model/architecture.h"
#include "model/network_graph.h"
#include "passes/graph_queries.h"
#include "passes/remove_unused.h"

namespace ocrdet {
namespace {

using namespace test;

// Units in the last place between two floats of the same sign.
int ulps(float a, float b) {
  if (a == b) return 0;
  if (std::signbit(a) != std::signbit(b)) return 1 << 20;
  std::int32_t bits_a = 0, bits_b = 0;
  std::memcpy(&bits_a, &a, sizeof(a));
  std::memcpy(&bits_b, &b, sizeof(b));
  return std::abs(bits_a - bits_b);
}

struct FoldedLayer {
  const char* convolution;
  const char* norm;
};

class EveryFoldedLayer : public testing::TestWithParam<FoldedLayer> {
 protected:
  static void SetUpTestSuite() {
    graph_ = new Graph(removeUnused(foldBatchNorm(buildReferenceGraph(formulaWeights()))));
  }
  static void TearDownTestSuite() {
    delete graph_;
    graph_ = nullptr;
  }
  static Graph* graph_;
};
Graph* EveryFoldedLayer::graph_ = nullptr;

INSTANTIATE_TEST_SUITE_P(Network, EveryFoldedLayer,
                         testing::Values(FoldedLayer{"backbone.conv1", "backbone.bn1"},
                                         FoldedLayer{"backbone.layer1.0.conv2", "backbone.layer1.0.bn2"},
                                         FoldedLayer{"backbone.layer3.0.downsample.0",
                                                     "backbone.layer3.0.downsample.1"},
                                         FoldedLayer{"backbone.layer4.1.conv2", "backbone.layer4.1.bn2"},
                                         FoldedLayer{"decoder.binarize.0", "decoder.binarize.1"},
                                         FoldedLayer{"decoder.binarize.3", "decoder.binarize.4"}));

// The formula of the operator, element by element, in long double from the formula weights themselves.
TEST_P(EveryFoldedLayer, HoldsTheWeightsOfAnIndependentComputation) {
  const std::string convolution = GetParam().convolution;
  const std::string norm = GetParam().norm;
  const Layer& layer = networkLayer(convolution);
  const bool transposed = layer.kind == LayerKind::kTransposedConvolution;
  const Initialiser& weight = initialiserOf(*graph_, convolution + ".weight");
  const std::vector<float> folded = floatValues(weight);
  const std::vector<float> folded_bias = floatValues(initialiserOf(*graph_, convolution + ".bias"));

  const std::vector<float> original = formulaValues(convolution + ".weight", weight.shape);
  const TensorShape channels{layer.out_channels};
  const std::vector<float> gamma = formulaValues(norm + ".weight", channels);
  const std::vector<float> beta = formulaValues(norm + ".bias", channels);
  const std::vector<float> mean = formulaValues(norm + ".running_mean", channels);
  const std::vector<float> variance = formulaValues(norm + ".running_var", channels);
  std::vector<float> bias(gamma.size());
  if (layer.bias) bias = formulaValues(convolution + ".bias", channels);

  ASSERT_EQ(folded.size(), original.size());
  ASSERT_EQ(folded_bias.size(), bias.size());
  const std::size_t taps = static_cast<std::size_t>(layer.kernel) * static_cast<std::size_t>(layer.kernel);
  const std::size_t per_output = taps * static_cast<std::size_t>(layer.in_channels);
  for (std::size_t i = 0; i < original.size(); ++i) {
    const std::size_t channel = transposed ? i / taps % gamma.size() : i / per_output;
    const long double scale = gamma[channel] / std::sqrt(variance[channel] + 1e-5L);
    ASSERT_LE(ulps(folded[i], static_cast<float>(original[i] * scale)), 1) << convolution << " element " << i;
  }
  for (std::size_t channel = 0; channel < bias.size(); ++channel) {
    const long double scale = gamma[channel] / std::sqrt(variance[channel] + 1e-5L);
    const long double expected = (bias[channel] - static_cast<long double>(mean[channel])) * scale + beta[channel];
    EXPECT_NEAR(folded_bias[channel], static_cast<double>(expected),
                1e-7 * (1 + std::abs(static_cast<double>(expected))));
  }
}

TEST_P(EveryFoldedLayer, LeavesNoBatchNormBehind) {
  const Node& node = nodeOf(*graph_, GetParam().convolution);
  EXPECT_EQ(node.inputs.size(), 3u);
  EXPECT_EQ(node.inputs[2], std::string(GetParam().convolution) + ".bias");
  EXPECT_THROW(nodeOf(*graph_, GetParam().norm), std::out_of_range);
}

// x -> Conv 1×1 -> BatchNormalization -> y, with two channels.
Graph convolutionWithNorm() {
  Graph graph;
  graph.inputs = {{"x", DType::kFloat32, {{1, ""}, {2, ""}, {4, ""}, {4, ""}}}};
  graph.outputs = {{"y", DType::kFloat32, {{1, ""}, {2, ""}, {4, ""}, {4, ""}}}};
  graph.initialisers = {makeInitialiser("w", {2, 2, 1, 1}, std::vector<float>{1, 2, 3, 4})};
  for (const char* name : {"gamma", "beta", "mean", "variance"})
    graph.initialisers.push_back(makeInitialiser(name, {2}, std::vector<float>{2, 2}));
  graph.nodes = {
      {"Conv", "conv", {"x", "w"}, {"c"}, {}},
      {"BatchNormalization", "norm", {"c", "gamma", "beta", "mean", "variance"}, {"y"}, {{"epsilon", 1e-5f}}}};
  return graph;
}

TEST(FoldBatchNorm, FoldsAGraphThatEndsInIt) {
  const Graph graph = foldBatchNorm(convolutionWithNorm());
  EXPECT_EQ(operatorCounts(graph), (std::map<std::string, int>{{"Conv", 1}}));
  EXPECT_EQ(graph.nodes[0].outputs[0], "y");
}

TEST(FoldBatchNorm, LeavesConvolutionsAloneWhoseResultIsReadElsewhere) {
  Graph graph = convolutionWithNorm();
  graph.outputs.push_back({"c", DType::kFloat32, graph.outputs[0].shape});
  graph = foldBatchNorm(std::move(graph));
  EXPECT_EQ(operatorCounts(graph), (std::map<std::string, int>{{"BatchNormalization", 1}, {"Conv", 1}}));
  EXPECT_EQ(floatValues(initialiserOf(graph, "w")), (std::vector<float>{1, 2, 3, 4}));
}

TEST(FoldBatchNorm, LeavesSharedWeightsAlone) {
  Graph graph = convolutionWithNorm();
  graph.nodes.push_back({"Conv", "second", {"x", "w"}, {"z"}, {}});
  graph.outputs.push_back({"z", DType::kFloat32, graph.outputs[0].shape});
  graph = foldBatchNorm(std::move(graph));
  EXPECT_EQ(operatorCounts(graph)["BatchNormalization"], 1);
  EXPECT_EQ(floatValues(initialiserOf(graph, "w")), (std::vector<float>{1, 2, 3, 4}));
}

}  // namespace
}  // namespace ocrdet
