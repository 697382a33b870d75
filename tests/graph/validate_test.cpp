#include "graph/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "graph/initialiser.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

using testing::HasSubstr;

// y = relu(x + bias)
Graph addAndRelu() {
  Graph graph;
  graph.name = "small";
  graph.inputs = {{"x", DType::kFloat32, {{1, ""}, {2, ""}}}};
  graph.outputs = {{"y", DType::kFloat32, {{1, ""}, {2, ""}}}};
  graph.initialisers = {makeInitialiser("bias", {2}, std::vector<float>{0.5f, -0.5f})};
  graph.nodes = {{"Add", "add", {"x", "bias"}, {"sum"}, {}}, {"Relu", "relu", {"sum"}, {"y"}, {}}};
  return graph;
}

struct Breakage {
  const char* name;
  std::function<void(Graph&)> apply;
  const char* message;
};

const Breakage kBreakages[] = {
    {"OutputOfNothing", [](Graph& g) { g.outputs[0].name = "z"; }, "'z'"},
    {"NoOutput", [](Graph& g) { g.outputs.clear(); }, "no output"},
    {"ReadBeforeProduced", [](Graph& g) { std::swap(g.nodes[0], g.nodes[1]); }, "'sum'"},
    {"Cycle", [](Graph& g) { g.nodes[0].inputs[0] = "y"; }, "'y'"},
    {"ProducedTwice", [](Graph& g) { g.nodes[1].outputs[0] = "sum"; }, "produced twice"},
    {"InputProducedAgain", [](Graph& g) { g.nodes[0].outputs[0] = "x"; }, "'x' is produced twice"},
    {"NodeNameTwice", [](Graph& g) { g.nodes[1].name = "add"; }, "Two nodes are called 'add'"},
    {"NodeWithoutName", [](Graph& g) { g.nodes[1].name.clear(); }, "Relu node has no name"},
    {"UnusedInitialiser", [](Graph& g) { g.nodes[0].inputs[1] = "x"; }, "'bias' is not used"},
    {"DeadNode",
     [](Graph& g) {
       g.nodes.push_back({"Neg", "dead", {"x"}, {"minus"}, {}});
     },
     "'dead'"},
    {"TooFewBytes", [](Graph& g) { g.initialisers[0].bytes.resize(4); }, "4 bytes"},
    {"BytesOfHalfAnElement", [](Graph& g) { g.initialisers[0].bytes.resize(7); }, "7 bytes"},
    {"NegativeLength", [](Graph& g) { g.initialisers[0].shape = {-2}; }, "'bias'"},
    {"OverflowingShape",
     [](Graph& g) {
       g.initialisers[0].shape = {1LL << 40, 1LL << 40};
     },
     "'bias'"},
};

class BrokenGraph : public testing::TestWithParam<Breakage> {};
INSTANTIATE_TEST_SUITE_P(Rules, BrokenGraph, testing::ValuesIn(kBreakages),
                         [](const auto& test) { return test.param.name; });

TEST_P(BrokenGraph, IsRefusedWithTheNameOfThePart) {
  Graph graph = addAndRelu();
  GetParam().apply(graph);
  try {
    validate(graph);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.code().name, "graph.invalid");
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
  }
}

TEST(Validate, AcceptsAGraphThatKeepsTheRules) {
  EXPECT_NO_THROW(validate(addAndRelu()));
}

TEST(Validate, ReportsEveryBrokenRuleAtOnce) {
  Graph graph = addAndRelu();
  graph.nodes[1].name = "add";
  graph.initialisers[0].bytes.clear();
  graph.outputs[0].name = "z";
  try {
    validate(graph);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().size(), 4u);  // the fourth: nothing reads y any more
  }
}

}  // namespace
}  // namespace ocrdet
