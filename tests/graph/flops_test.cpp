#include "graph/flops.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "graph/initialiser.h"
#include "model/network_graph.h"
#include "support/formula_weights.h"

namespace ocrdet {
namespace {

const Graph& network() {
  static const Graph graph = buildReferenceGraph(test::formulaStateDict());
  return graph;
}

GraphCost costOf(std::int64_t height, std::int64_t width) {
  return countMultiplyAdds(network(), inferShapes(network(), {{"batch", 1}, {"height", height}, {"width", width}}));
}

// In billions, by the first part of the layer's name: in* and out* are the neck, binarize the head.
std::map<std::string, double> byPart(const GraphCost& cost) {
  std::map<std::string, double> parts;
  for (const NodeCost& node : cost.nodes) {
    const bool backbone = node.node.starts_with("backbone."), head = node.node.starts_with("decoder.binarize");
    parts[backbone ? "backbone" : head ? "head" : "neck"] += static_cast<double>(node.multiply_adds) / 1e9;
  }
  return parts;
}

// Worked out by hand from kernel, channels and map size of each layer, independently of this code.
struct SizeRow {
  std::int64_t height, width;
  double total, backbone, neck, head;
};
constexpr SizeRow kSizes[] = {
    {640, 640, 24.83, 14.80, 5.80, 4.22},   {736, 736, 32.83, 19.58, 7.67, 5.58},
    {800, 800, 38.79, 23.13, 9.06, 6.59},   {1024, 1024, 63.55, 37.90, 14.85, 10.80},
    {736, 1280, 57.10, 34.05, 13.34, 9.71}, {1536, 1536, 142.99, 85.27, 33.41, 24.31},
};

TEST(Flops, OfTheNetworkAreThePublishedOnesAtEverySize) {
  for (const SizeRow& row : kSizes) {
    const GraphCost cost = costOf(row.height, row.width);
    EXPECT_NEAR(static_cast<double>(cost.multiply_adds) / 1e9, row.total, 0.005) << row.height << "x" << row.width;
    const auto parts = byPart(cost);
    EXPECT_NEAR(parts.at("backbone"), row.backbone, 0.005) << row.height << "x" << row.width;
    EXPECT_NEAR(parts.at("neck"), row.neck, 0.005) << row.height << "x" << row.width;
    EXPECT_NEAR(parts.at("head"), row.head, 0.005) << row.height << "x" << row.width;
  }
}

struct LayerRow {
  const char* layer;
  double millions;
};
constexpr LayerRow kLayers[] = {
    {"backbone.conv1", 963.4},
    {"backbone.layer1.0.conv1", 943.7},
    {"backbone.layer2.0.conv1", 471.9},
    {"backbone.layer2.0.downsample.0", 52.4},
    {"backbone.layer4.1.conv2", 943.7},
    {"decoder.in5", 52.4},
    {"decoder.in4", 104.9},
    {"decoder.in3", 209.7},
    {"decoder.in2", 419.4},
    {"decoder.out5.0", 59.0},
    {"decoder.out4.0", 235.9},
    {"decoder.out3.0", 943.7},
    {"decoder.out2", 3774.9},
    {"decoder.binarize.0", 3774.9},
    {"decoder.binarize.3", 419.4},
    {"decoder.binarize.6", 26.2},
};

TEST(Flops, OfSingleLayersAreThePublishedOnes) {
  std::map<std::string, double> millions;
  const GraphCost cost = costOf(640, 640);
  for (const NodeCost& node : cost.nodes) millions[node.node] = static_cast<double>(node.multiply_adds) / 1e6;
  for (const LayerRow& row : kLayers) {
    ASSERT_TRUE(millions.contains(row.layer)) << row.layer;
    EXPECT_NEAR(millions.at(row.layer), row.millions, 0.05) << row.layer;
  }
  EXPECT_EQ(cost.flops(), 2 * cost.multiply_adds);
}

TEST(Flops, GrowWithTheAreaAndTheBatchAlone) {
  const ValueTable one = inferShapes(network(), {{"batch", 1}, {"height", 64}, {"width", 96}});
  const ValueTable eight = inferShapes(network(), {{"batch", 2}, {"height", 128}, {"width", 192}});
  EXPECT_EQ(countMultiplyAdds(network(), eight).multiply_adds, 8 * countMultiplyAdds(network(), one).multiply_adds);
}

// One node y = op(x, w) with the shapes given.
std::int64_t costOfNode(const std::string& op, TensorShape x, TensorShape w, TensorShape y,
                        std::map<std::string, AttributeValue> attributes = {}) {
  Graph graph;
  graph.nodes = {{op, "node", {"x", "w"}, {"y"}, std::move(attributes)}};
  const ValueTable values{{"x", {DType::kFloat32, std::move(x)}},
                          {"w", {DType::kFloat32, std::move(w)}},
                          {"y", {DType::kFloat32, std::move(y)}}};
  return countMultiplyAdds(graph, values).multiply_adds;
}

TEST(Flops, OfEachOperatorFollowItsDefinition) {
  EXPECT_EQ(costOfNode("Conv", {1, 8, 5, 5}, {4, 8, 3, 3}, {1, 4, 5, 5}), 4 * 25 * 8 * 9);
  EXPECT_EQ(costOfNode("Conv", {1, 8, 5, 5}, {8, 1, 3, 3}, {1, 8, 5, 5}), 8 * 25 * 9) << "depthwise";
  EXPECT_EQ(costOfNode("ConvTranspose", {2, 8, 5, 5}, {8, 3, 2, 2}, {2, 3, 10, 10}), 2 * 8 * 25 * 3 * 4);
  EXPECT_EQ(costOfNode("MatMul", {7, 5}, {5, 3}, {7, 3}), 7 * 5 * 3);
  EXPECT_EQ(costOfNode("Gemm", {5, 7}, {5, 3}, {7, 3}, {{"transA", std::int64_t{1}}}), 7 * 5 * 3);
  EXPECT_EQ(costOfNode("Add", {7, 5}, {7, 5}, {7, 5}), 0);
}

TEST(Flops, SaturateInsteadOfOverflowing) {
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  EXPECT_EQ(costOfNode("MatMul", {kHuge, kHuge}, {kHuge, kHuge}, {kHuge, kHuge}),
            std::numeric_limits<std::int64_t>::max());
}

}  // namespace
}  // namespace ocrdet
