#include "graph/shape_inference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/element_type.h"
#include "graph/initialiser.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

using testing::HasSubstr;
using Integers = std::vector<std::int64_t>;

// One node between inputs of fixed shapes and the output "y", whose shape is not declared truly: see inferred().
struct OneNode {
  Node node;
  std::vector<TensorShape> inputs;  // of "x0", "x1", …
  std::vector<Initialiser> initialisers = {};
};

TensorShape inferred(const OneNode& sample) {
  Graph graph;
  graph.nodes = {sample.node};
  graph.nodes[0].name = "node";
  graph.nodes[0].outputs = {"y"};
  graph.initialisers = sample.initialisers;
  for (std::size_t i = 0; i < sample.inputs.size(); ++i) {
    Value input{"x" + std::to_string(i), DType::kFloat32, {}};
    for (const std::int64_t length : sample.inputs[i]) input.shape.push_back({length, ""});
    graph.inputs.push_back(input);
  }
  return inferShapes(graph, {}).at("y").shape;
}

Initialiser integers(std::string name, Integers values) {
  return makeInitialiser(std::move(name), {static_cast<std::int64_t>(values.size())}, values);
}

struct RuleCase {
  const char* name;
  OneNode sample;
  TensorShape expected;
};

// Expected shapes are worked out by hand from the ONNX operator definitions.
const RuleCase kRuleCases[] = {
    {"ConvHalvesRoundingUp",
     {{"Conv", "", {"x0", "x1"}, {}, {{"pads", Integers{3, 3, 3, 3}}, {"strides", Integers{2, 2}}}},
      {{2, 3, 65, 64}, {8, 3, 7, 7}}},
     {2, 8, 33, 32}},
    {"ConvWithDilationAndGroups",
     {{"Conv", "", {"x0", "x1"}, {}, {{"dilations", Integers{2, 1}}, {"group", std::int64_t{2}}}},
      {{1, 4, 9, 9}, {6, 2, 3, 3}}},
     {1, 6, 5, 7}},
    {"ConvWithUnequalPads",
     {{"Conv", "", {"x0", "x1"}, {}, {{"pads", Integers{1, 0, 0, 1}}}}, {{1, 4, 5, 5}, {6, 4, 2, 2}}},
     {1, 6, 5, 5}},
    {"ConvTransposeDoubles",
     {{"ConvTranspose", "", {"x0", "x1"}, {}, {{"strides", Integers{2, 2}}}}, {{1, 64, 5, 7}, {64, 1, 2, 2}}},
     {1, 1, 10, 14}},
    {"ConvTransposeWithPadsAndOutputPadding",
     {{"ConvTranspose",
       "",
       {"x0", "x1"},
       {},
       {{"strides", Integers{2, 2}}, {"pads", Integers{1, 1, 1, 1}}, {"output_padding", Integers{1, 0}}}},
      {{1, 4, 5, 5}, {4, 2, 3, 3}}},
     {1, 2, 10, 9}},
    {"MaxPoolRoundsDown",
     {{"MaxPool", "", {"x0"}, {}, {{"kernel_shape", Integers{2, 2}}, {"strides", Integers{2, 2}}}}, {{1, 4, 5, 5}}},
     {1, 4, 2, 2}},
    {"MaxPoolRoundsUpWhenAsked",
     {{"MaxPool",
       "",
       {"x0"},
       {},
       {{"kernel_shape", Integers{2, 2}}, {"strides", Integers{2, 2}}, {"ceil_mode", std::int64_t{1}}}},
      {{1, 4, 5, 5}}},
     {1, 4, 3, 3}},
    {"AddBroadcasts", {{"Add", "", {"x0", "x1"}, {}, {}}, {{2, 1, 5}, {4, 1}}}, {2, 4, 5}},
    {"ResizeRoundsDown",
     {{"Resize", "", {"x0", "", "scales"}, {}, {}},
      {{1, 3, 5, 7}},
      {makeInitialiser("scales", {4}, std::vector<float>{1, 1, 1.5f, 0.5f})}},
     {1, 3, 7, 3}},
    {"ResizeTakesSizes",
     {{"Resize", "", {"x0", "", "", "sizes"}, {}, {}}, {{1, 3, 5, 7}}, {integers("sizes", {1, 3, 9, 9})}},
     {1, 3, 9, 9}},
    {"ConcatAddsOneAxis",
     {{"Concat", "", {"x0", "x1"}, {}, {{"axis", std::int64_t{-3}}}}, {{1, 3, 5, 7}, {1, 4, 5, 7}}},
     {1, 7, 5, 7}},
    {"TransposePermutes",
     {{"Transpose", "", {"x0"}, {}, {{"perm", Integers{0, 3, 1, 2}}}}, {{1, 5, 7, 3}}},
     {1, 3, 5, 7}},
    {"TransposeReversesByDefault", {{"Transpose", "", {"x0"}, {}, {}}, {{1, 5, 7}}}, {7, 5, 1}},
    {"PadAddsAtBothEnds", {{"Pad", "", {"x0", "pads"}, {}, {}}, {{3, 4}}, {integers("pads", {1, 0, 2, 5})}}, {6, 9}},
    {"SliceClipsItsEnds",
     {{"Slice", "", {"x0", "starts", "ends"}, {}, {}},
      {{3, 4}},
      {integers("starts", {0, 1}), integers("ends", {INT64_MAX, -1})}},
     {3, 2}},
    {"SliceTakesAxes",
     {{"Slice", "", {"x0", "starts", "ends", "axes"}, {}, {}},
      {{3, 4, 5}},
      {integers("starts", {1}), integers("ends", {3}), integers("axes", {-1})}},
     {3, 4, 2}},
    {"ShapeHasOneNumberPerAxis", {{"Shape", "", {"x0"}, {}, {}}, {{3, 4, 5}}}, {3}},
    {"CastKeepsTheShape", {{"Cast", "", {"x0"}, {}, {{"to", onnxElementType(DType::kFloat16)}}}, {{3, 4}}}, {3, 4}},
};

class ShapeRule : public testing::TestWithParam<RuleCase> {};
INSTANTIATE_TEST_SUITE_P(Operators, ShapeRule, testing::ValuesIn(kRuleCases),
                         [](const auto& test) { return test.param.name; });

TEST_P(ShapeRule, FollowsTheOperatorsDefinition) {
  EXPECT_EQ(inferred(GetParam().sample), GetParam().expected);
}

struct Refusal {
  const char* name;
  OneNode sample;
  const char* message;
};

const Refusal kRefusals[] = {
    {"AddOfMapsThatDoNotMeet",
     {{"Add", "", {"x0", "x1"}, {}, {}}, {{1, 256, 46, 80}, {1, 256, 45, 80}}},
     "46 against 45 at dimension 2"},
    {"ConvOfOtherChannels", {{"Conv", "", {"x0", "x1"}, {}, {}}, {{1, 4, 9, 9}, {8, 3, 3, 3}}}, "channels"},
    {"KernelBeyondTheMap",
     {{"Conv", "", {"x0", "x1"}, {}, {}}, {{1, 3, 2, 2}, {8, 3, 7, 7}}},
     "larger than the padded map"},
    {"StrideOfZero",
     {{"Conv", "", {"x0", "x1"}, {}, {{"strides", Integers{0, 1}}}}, {{1, 3, 9, 9}, {8, 3, 3, 3}}},
     "strides"},
    {"PadsOfAnotherCount",
     {{"Conv", "", {"x0", "x1"}, {}, {{"pads", Integers{1, 1}}}}, {{1, 3, 9, 9}, {8, 3, 3, 3}}},
     "pads"},
    {"AttributeOfAnotherType",
     {{"Conv", "", {"x0", "x1"}, {}, {{"strides", 2.0f}}}, {{1, 3, 9, 9}, {8, 3, 3, 3}}},
     "strides"},
    {"MissingInput", {{"Add", "", {"x0"}, {}, {}}, {{1, 2}}}, "input 1 is missing"},
    {"MapOfTwoAxes", {{"MaxPool", "", {"x0"}, {}, {{"kernel_shape", Integers{2, 2}}}}, {{4, 4}}}, "four axes"},
    {"ConcatOfOtherLengths",
     {{"Concat", "", {"x0", "x1"}, {}, {{"axis", std::int64_t{1}}}}, {{1, 3, 5}, {1, 4, 6}}},
     "lengths"},
    {"ConcatAlongNoAxis",
     {{"Concat", "", {"x0", "x1"}, {}, {{"axis", std::int64_t{3}}}}, {{1, 3, 5}, {1, 4, 5}}},
     "no axis 3"},
    {"NoPermutation", {{"Transpose", "", {"x0"}, {}, {{"perm", Integers{0, 0}}}}, {{3, 4}}}, "permutation"},
    {"HugePad", {{"Pad", "", {"x0", "pads"}, {}, {}}, {{3}}, {integers("pads", {INT64_MIN, 0})}}, "out of range"},
    {"HugeSizes",
     {{"Resize", "", {"x0", "", "", "sizes"}, {}, {}},
      {{1, 3, 5, 7}},
      {integers("sizes", {1LL << 31, 1LL << 31, 1LL << 31, 1})}},
     "would be"},
    {"InfiniteScale",
     {{"Resize", "", {"x0", "", "scales"}, {}, {}},
      {{5}},
      {makeInitialiser("scales", {1}, std::vector<float>{INFINITY})}},
     "scale"},
};

class ShapeRefusal : public testing::TestWithParam<Refusal> {};
INSTANTIATE_TEST_SUITE_P(Operators, ShapeRefusal, testing::ValuesIn(kRefusals),
                         [](const auto& test) { return test.param.name; });

TEST_P(ShapeRefusal, NamesTheNodeAndTheReason) {
  try {
    inferred(GetParam().sample);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.code().name, "graph.shape-mismatch");
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
    EXPECT_THAT(error.what(), HasSubstr("'node'"));
  }
}

TEST(InferShapes, FollowsNumbersThatTheGraphComputesFromShapes) {
  // y = x padded to the next multiple of 32 at its end: -37 mod 32 is 27.
  Graph graph;
  graph.inputs = {{"x", DType::kFloat32, {{0, "length"}}}};
  graph.outputs = {{"y", DType::kFloat32, {{0, "padded"}}}};
  graph.initialisers = {integers("multiple", {32}), integers("before", {0})};
  graph.nodes = {{"Shape", "shape", {"x"}, {"shape"}, {}},
                 {"Neg", "negative", {"shape"}, {"negative"}, {}},
                 {"Mod", "after", {"negative", "multiple"}, {"after"}, {}},
                 {"Concat", "pads", {"before", "after"}, {"pads"}, {{"axis", std::int64_t{0}}}},
                 {"Pad", "pad", {"x", "pads"}, {"y"}, {}}};
  EXPECT_EQ(inferShapes(graph, {{"length", 37}}).at("y").shape, (TensorShape{64}));
  EXPECT_EQ(inferShapes(graph, {{"length", 64}}).at("y").shape, (TensorShape{64}));
}

TEST(InferShapes, RefusesWhatDisagreesWithTheDeclaredOutput) {
  Graph graph;
  graph.inputs = {{"x", DType::kFloat32, {{0, "n"}, {0, "n"}}}};
  graph.outputs = {{"y", DType::kFloat32, {{0, "n"}, {3, ""}}}};
  graph.nodes = {{"Relu", "relu", {"x"}, {"y"}, {}}};
  EXPECT_EQ(inferShapes(graph, {{"n", 3}}).at("y").shape, (TensorShape{3, 3}));
  EXPECT_THROW(inferShapes(graph, {{"n", 4}}), Error);
  EXPECT_THROW(inferShapes(graph, {}), Error);
  EXPECT_THROW(inferShapes(graph, {{"n", 0}}), Error);
}

TEST(InferShapes, RefusesOperatorsWithoutARuleByName) {
  try {
    inferred({{"Einsum", "", {"x0"}, {}, {}}, {{1}}});
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.code().name, "graph.unsupported-operator");
    EXPECT_THAT(error.what(), HasSubstr("Einsum"));
  }
}

TEST(InferShapes, CountsTheBytesOfAValue) {
  EXPECT_EQ(byteSize(ConcreteValue{DType::kFloat16, {2, 3, 5}}), 60);
  EXPECT_EQ(byteSize(ConcreteValue{DType::kInt64, {}}), 8);
}

}  // namespace
}  // namespace ocrdet
