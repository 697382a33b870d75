#include "passes/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "graph/shape_inference.h"
#include "graph/validate.h"
#include "model/architecture.h"
#include "model/network_graph.h"
#include "ocrdet/error.h"
#include "passes/graph_queries.h"

namespace ocrdet {
namespace {

using namespace test;
using Counts = std::map<std::string, int>;

const Counts kNetworkCounts = {{"Add", 11},    {"Concat", 1}, {"Conv", 29},  {"ConvTranspose", 2},
                               {"MaxPool", 1}, {"Relu", 19},  {"Resize", 6}, {"Sigmoid", 1}};

Counts withMore(Counts counts, const Counts& more) {
  for (const auto& [op, count] : more) counts[op] += count;
  return counts;
}

struct Form {
  const char* name;
  GraphOptions options;
  Counts extra;  // beside the network itself
  const char* passes;
};

GraphOptions float16(GraphOptions options) {
  options.precision = GraphOptions::kFloat16;
  return options;
}

const Form kForms[] = {
    {"Dynamic", {}, {}, "fold_batch_norm,remove_unused"},
    {"Fixed", {.height = 640, .width = 640, .batch = 1}, {}, "fold_batch_norm,remove_unused"},
    {"AnySize",
     {.any_size = true},
     {{"Shape", 1}, {"Neg", 1}, {"Mod", 1}, {"Concat", 1}, {"Pad", 1}, {"Slice", 1}},
     "fold_batch_norm,pad_to_multiple,remove_unused"},
    {"AnySizeFixed",
     {.height = 100, .width = 200, .any_size = true},
     {{"Pad", 1}, {"Slice", 1}},
     "fold_batch_norm,pad_to_multiple,remove_unused"},
    {"AnySizeOfMultiples",
     {.height = 96, .width = 64, .any_size = true},
     {},
     "fold_batch_norm,pad_to_multiple,remove_unused"},
    {"EmbeddedPreprocess",
     {.embed_preprocess = true},
     {{"Transpose", 1}, {"Cast", 1}, {"Sub", 1}, {"Div", 1}},
     "fold_batch_norm,embed_preprocess,remove_unused"},
    {"Float16", float16({}), {{"Cast", 2}}, "fold_batch_norm,float16,remove_unused"},
    {"Float16Ends", float16({.float16_io = true}), {}, "fold_batch_norm,float16,remove_unused"},
    {"Everything",
     float16({.any_size = true, .embed_preprocess = true, .float16_io = true}),
     {{"Transpose", 1},
      {"Cast", 2},
      {"Sub", 1},
      {"Div", 1},
      {"Shape", 1},
      {"Neg", 1},
      {"Mod", 1},
      {"Concat", 1},
      {"Pad", 1},
      {"Slice", 1}},
     "fold_batch_norm,float16,pad_to_multiple,embed_preprocess,remove_unused"},
};

void PrintTo(const Form& form, std::ostream* out) {
  *out << form.name;
}

class ExportForm : public testing::TestWithParam<Form> {};
INSTANTIATE_TEST_SUITE_P(Forms, ExportForm, testing::ValuesIn(kForms),
                         [](const auto& test) { return test.param.name; });

TEST_P(ExportForm, HasTheNodesOfTheNetworkAndNoOthers) {
  const Graph graph = buildExportGraph(formulaWeights(), GetParam().options);
  EXPECT_EQ(operatorCounts(graph), withMore(kNetworkCounts, GetParam().extra));
  EXPECT_EQ(graph.metadata.at("ocrdet.passes"), GetParam().passes);
}

TEST_P(ExportForm, IsValidAtEveryOpset) {
  for (int opset = 11; opset <= 17; ++opset) {
    GraphOptions options = GetParam().options;
    options.opset = opset;
    const Graph graph = buildExportGraph(formulaWeights(), options);
    EXPECT_EQ(graph.opset, opset);
    EXPECT_NO_THROW(validate(graph));
  }
}

TEST_P(ExportForm, NamesNodesAfterTheLayersOfTheCheckpoint) {
  const Graph graph = buildExportGraph(formulaWeights(), GetParam().options);
  for (const Layer& layer : networkLayers()) {
    if (layer.kind == LayerKind::kBatchNorm || layer.name.starts_with("decoder.thresh")) continue;
    EXPECT_EQ(nodeOf(graph, layer.name).inputs.at(1), layer.name + ".weight");
  }
  std::set<std::string> names;
  for (const Initialiser& initialiser : graph.initialisers) names.insert(initialiser.name);
  for (const std::string& name : names) EXPECT_EQ(name.find("thresh"), std::string::npos) << name;
}

TEST(ReferenceGraph, IsTheNetworkAsItWasTrained) {
  const Graph graph = buildReferenceGraph(formulaWeights());
  EXPECT_EQ(operatorCounts(graph), withMore(kNetworkCounts, {{"BatchNormalization", 22}}));
  EXPECT_NO_THROW(validate(graph));
  std::int64_t parameters = 0;
  for (const Initialiser& initialiser : graph.initialisers)
    if (!initialiser.name.starts_with("decoder.scales") && initialiser.name != "decoder.roi" &&
        !initialiser.name.ends_with("running_mean") && !initialiser.name.ends_with("running_var"))
      parameters += elementCount(initialiser.shape).value();
  EXPECT_EQ(parameters, 12176513);
}

TEST(ReferenceGraph, NeedsNoRegionOfInterestFromOpset13) {
  EXPECT_NO_THROW(initialiserOf(buildReferenceGraph(formulaWeights(), {.opset = 12}), "decoder.roi"));
  EXPECT_THROW(initialiserOf(buildReferenceGraph(formulaWeights(), {.opset = 13}), "decoder.roi"), std::out_of_range);
}

// Shapes of a 640×640 input, from PyTorch.
TEST(ReferenceGraph, HasTheShapesOfPyTorchAtEveryLevel) {
  const ValueTable values = inferShapes(buildReferenceGraph(formulaWeights(), {.logits_output = true}),
                                        {{"batch", 2}, {"height", 640}, {"width", 736}});
  const std::map<std::string, TensorShape> expected = {{"backbone.conv1", {2, 64, 320, 368}},
                                                       {"backbone.maxpool", {2, 64, 160, 184}},
                                                       {"backbone.layer1.1.relu2", {2, 64, 160, 184}},
                                                       {"backbone.layer2.1.relu2", {2, 128, 80, 92}},
                                                       {"backbone.layer3.1.relu2", {2, 256, 40, 46}},
                                                       {"backbone.layer4.1.relu2", {2, 512, 20, 23}},
                                                       {"decoder.in5", {2, 256, 20, 23}},
                                                       {"decoder.add2", {2, 256, 160, 184}},
                                                       {"decoder.out5.1", {2, 64, 160, 184}},
                                                       {"decoder.concat", {2, 256, 160, 184}},
                                                       {"decoder.binarize.3", {2, 64, 320, 368}},
                                                       {"output_logits", {2, 1, 640, 736}},
                                                       {"output", {2, 1, 640, 736}}};
  for (const auto& [name, shape] : expected) EXPECT_EQ(values.at(name).shape, shape) << name;
}

struct WrongHeight {
  std::int64_t height;
  const char* message;  // empty: the silent kind, whose output is too large
};

// PyTorch's own numbers for these heights.
TEST(ReferenceGraph, FailsWherePyTorchFailsWithTheSameTwoNumbers) {
  const Graph graph = buildReferenceGraph(formulaWeights());
  for (const auto& [height, message] :
       {WrongHeight{720, "46 against 45"}, WrongHeight{1080, "136 against 135"}, WrongHeight{750, "48 against 47"},
        WrongHeight{600, "76 against 75"}, WrongHeight{300, "20 against 19"}, WrongHeight{57, "16 against 15"}}) {
    try {
      inferShapes(graph, {{"batch", 1}, {"height", height}, {"width", 640}});
      FAIL() << height << " was accepted";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(message));
    }
  }
  for (const std::int64_t silent : {61, 62, 63})
    EXPECT_EQ(inferShapes(graph, {{"batch", 1}, {"height", silent}, {"width", 64}}).at("output").shape,
              (TensorShape{1, 1, 64, 64}));
}

TEST(ExportGraph, RefusesAFixedSizeThatBreaksTheContract) {
  for (const int height : {720, 670}) {
    try {
      buildExportGraph(formulaWeights(), {.height = height, .width = 640});
      FAIL() << height << " was accepted";
    } catch (const Error& error) {
      EXPECT_STREQ(error.code().name, "graph.shape-mismatch");
    }
  }
}

TEST(ExportGraph, ShrinksToHalfInFloat16) {
  const auto weightBytes = [](const GraphOptions& options) {
    std::size_t bytes = 0;
    for (const Initialiser& initialiser : buildExportGraph(formulaWeights(), options).initialisers)
      bytes += initialiser.bytes.size();
    return bytes;
  };
  const double ratio = static_cast<double>(weightBytes(float16({}))) / static_cast<double>(weightBytes({}));
  EXPECT_NEAR(ratio, 0.5, 0.001);
}

}  // namespace
}  // namespace ocrdet
