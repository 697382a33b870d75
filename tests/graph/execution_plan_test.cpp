#include "graph/execution_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace ocrdet {
namespace {

using testing::ElementsAre;

// A residual block and a head, as export writes them: every map 16 channels of 8×8 floats, 4096 bytes.
constexpr std::int64_t kMap = 16 * 8 * 8 * 4;

class GraphMaker {
 public:
  explicit GraphMaker(bool fixed) {
    const Dimension side = fixed ? Dimension{8, ""} : Dimension{0, "side"};
    graph_.inputs = {{"x", DType::kFloat32, {{1, ""}, {16, ""}, side, side}}};
    values_["x"] = {DType::kFloat32, {1, 16, 8, 8}};
    for (const char* weights : {"w1", "w2", "w3"}) values_[weights] = {DType::kFloat32, {16, 16, 1, 1}};
  }

  GraphMaker& node(const std::string& op, std::vector<std::string> inputs, const std::string& output,
                   TensorShape shape = {1, 16, 8, 8}) {
    graph_.nodes.push_back({op, output, std::move(inputs), {output}, {}});
    values_[output] = {DType::kFloat32, std::move(shape)};
    return *this;
  }
  GraphMaker& weights(const std::string& name, TensorShape shape) {
    values_[name] = {DType::kFloat32, std::move(shape)};
    return *this;
  }
  ExecutionPlan plan(const std::string& output) {
    graph_.outputs = {{output, DType::kFloat32, {}}};
    return planExecution(graph_, values_);
  }

 private:
  Graph graph_;
  ValueTable values_;
};

std::vector<std::string> stepsOf(const ExecutionPlan& plan) {
  std::vector<std::string> names;
  for (const PlannedStep& step : plan.steps) names.push_back(step.node);
  return names;
}

std::vector<std::string> buffersOf(const ExecutionPlan& plan) {
  std::vector<std::string> names;
  for (const LiveRange& buffer : plan.buffers) names.push_back(buffer.name);
  return names;
}

GraphMaker residualBlock(bool fixed) {
  GraphMaker maker(fixed);
  maker.node("Conv", {"x", "w1"}, "stem")
      .node("Conv", {"stem", "w2"}, "conv1")
      .node("Relu", {"conv1"}, "relu1")
      .node("Conv", {"relu1", "w3"}, "conv2")
      .node("Add", {"conv2", "stem"}, "sum")
      .node("Relu", {"sum"}, "relu2")
      .node("Conv", {"relu2", "w1"}, "last");
  return maker;
}

TEST(ExecutionPlan, FusesConvolutionAdditionAndReluIntoOneStep) {
  EXPECT_THAT(stepsOf(residualBlock(true).plan("last")), ElementsAre("stem", "relu1", "relu2", "last"));
}

TEST(ExecutionPlan, WithKnownShapesASumTakesOverItsOtherOperandsBuffer) {
  const ExecutionPlan plan = residualBlock(true).plan("last");
  EXPECT_THAT(buffersOf(plan), ElementsAre("stem", "relu1", "last"));
  EXPECT_EQ(plan.buffers[0].last, 3u) << "the sum lies in the stem's buffer until the last step has read it";
  EXPECT_EQ(peakOf(plan.buffers).bytes, 2 * kMap);
}

TEST(ExecutionPlan, WithFreeSidesNoBufferIsShared) {
  const ExecutionPlan plan = residualBlock(false).plan("last");
  EXPECT_THAT(buffersOf(plan), ElementsAre("stem", "relu1", "relu2", "last"));
  EXPECT_EQ(peakOf(plan.buffers).bytes, 3 * kMap);
}

TEST(ExecutionPlan, AFreedBufferServesTheNextValueOfItsShapeAndStaysAllocatedUntilThen) {
  GraphMaker maker(true);
  maker.node("Conv", {"x", "w1"}, "a")
      .node("MaxPool", {"a"}, "small", {1, 16, 4, 4})
      .node("Conv", {"small", "w2"}, "middle", {1, 16, 4, 4})
      .node("Resize", {"middle"}, "large")
      .node("Conv", {"large", "w3"}, "y");
  const ExecutionPlan plan = maker.plan("y");
  EXPECT_THAT(buffersOf(plan), ElementsAre("a", "small", "middle", "y"));
  EXPECT_EQ(plan.buffers[0].first, 0u);
  EXPECT_EQ(plan.buffers[0].last, 4u) << "`large` lies where `a` was";
}

TEST(ExecutionPlan, AdditionOfAnUpsampledMapIsFusedOnlyWithKnownShapes) {
  const auto neck = [](bool fixed) {
    GraphMaker maker(fixed);
    return maker.node("Conv", {"x", "w1"}, "low")
        .node("Resize", {"low"}, "up")
        .node("Conv", {"x", "w2"}, "lateral")
        .node("Add", {"up", "lateral"}, "sum")
        .node("Conv", {"sum", "w3"}, "y")
        .plan("y");
  };
  EXPECT_THAT(stepsOf(neck(true)), ElementsAre("low", "up", "sum", "y"));
  EXPECT_THAT(stepsOf(neck(false)), ElementsAre("low", "up", "lateral", "sum", "y"));
}

TEST(ExecutionPlan, TransposedConvolutionGetsAReorderedCopyAndAWorkspace) {
  GraphMaker maker(false);
  maker.weights("t", {16, 4, 2, 2})
      .node("Conv", {"x", "w1"}, "map")
      .node("ConvTranspose", {"map", "t"}, "twice", {1, 4, 16, 16})
      .node("Sigmoid", {"twice"}, "y", {1, 4, 16, 16});
  const ExecutionPlan plan = maker.plan("y");
  EXPECT_THAT(buffersOf(plan), ElementsAre("map", "map (reordered)", "twice", "y"));
  // [Cout · kh · kw, h · w] floats of one picture.
  EXPECT_EQ(plan.steps[2].workspace_bytes, 4 * 2 * 2 * 8 * 8 * 4);
  EXPECT_EQ(plan.steps[0].workspace_bytes, 0);
}

TEST(ExecutionPlan, RunsNodesInTheOrderInWhichTheOutputNeedsThem) {
  GraphMaker maker(true);
  maker.node("Conv", {"x", "w1"}, "a")
      .node("Conv", {"x", "w2"}, "b")
      .node("MaxPool", {"a"}, "a2")
      .node("MaxPool", {"b"}, "b2")
      .node("Concat", {"a2", "b2"}, "y", {1, 32, 8, 8});
  EXPECT_THAT(stepsOf(maker.plan("y")), ElementsAre("a", "a2", "b", "b2", "y"));
}

TEST(ExecutionPlan, AReshapeTakesNoMemoryAndTheOriginalLivesOn) {
  GraphMaker maker(false);
  maker.node("Neg", {"x"}, "a")
      .node("Reshape", {"a", "w1"}, "flat", {1, 1024})
      .node("Neg", {"flat"}, "b", {1, 1024})
      .node("Neg", {"b"}, "y", {1, 1024});
  const ExecutionPlan plan = maker.plan("y");
  EXPECT_THAT(buffersOf(plan), ElementsAre("a", "b", "y"));
  EXPECT_EQ(plan.buffers[0].last, 2u);
}

}  // namespace
}  // namespace ocrdet
