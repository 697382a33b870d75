// Files that nobody vouches for: damaged, made to cost memory, or using what a Graph cannot express.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <random>

#include "ocrdet/error.h"
#include "onnx/model_proto.h"
#include "onnx/read.h"
#include "onnx/serialise.h"
#include "onnx/small_graph.h"

namespace ocrdet {
namespace {

using namespace test;

// The code of the error, or "read" when the file was accepted.
std::string outcome(const std::string& bytes) {
  try {
    readOnnx(std::as_bytes(std::span(bytes)));
    return "read";
  } catch (const Error& error) {
    return error.code().name;
  }
}

struct ForeignModel {
  const char* name;
  std::function<void(onnx::ModelProto&)> change;
  const char* outcome;
};

onnx::TensorProto& firstWeight(onnx::ModelProto& model) {
  return *model.mutable_graph()->mutable_initializer(0);
}

const ForeignModel kForeignModels[] = {
    {"ExternalData",
     [](onnx::ModelProto& m) {
       firstWeight(m).clear_raw_data();
       firstWeight(m).set_data_location(onnx::TensorProto::EXTERNAL);
       onnx::StringStringEntryProto& entry = *firstWeight(m).add_external_data();
       entry.set_key("location");
       entry.set_value("/etc/passwd");
     },
     "onnx.external-data"},
    {"ShapeOfTwoToTheSixty", [](onnx::ModelProto& m) { firstWeight(m).set_dims(0, std::int64_t{1} << 60); },
     "onnx.corrupt"},
    {"NegativeShape", [](onnx::ModelProto& m) { firstWeight(m).set_dims(0, -2); }, "onnx.corrupt"},
    {"TooFewBytes", [](onnx::ModelProto& m) { firstWeight(m).mutable_raw_data()->pop_back(); }, "onnx.corrupt"},
    {"FloatDataInsteadOfRawData",
     [](onnx::ModelProto& m) {
       firstWeight(m).clear_raw_data();
       for (int i = 0; i < 6; ++i) firstWeight(m).add_float_data(1);
     },
     "read"},
    {"TextTensor", [](onnx::ModelProto& m) { firstWeight(m).set_data_type(onnx::TensorProto::STRING); },
     "onnx.unsupported"},
    {"ForeignDomain", [](onnx::ModelProto& m) { m.mutable_graph()->mutable_node(0)->set_domain("com.microsoft"); },
     "onnx.unsupported"},
    {"DefaultDomainByItsLongName",
     [](onnx::ModelProto& m) { m.mutable_graph()->mutable_node(0)->set_domain("ai.onnx"); }, "read"},
    {"Subgraph",
     [](onnx::ModelProto& m) {
       onnx::AttributeProto& body = *m.mutable_graph()->mutable_node(0)->add_attribute();
       body.set_name("body");
       body.set_type(onnx::AttributeProto::GRAPH);
       body.mutable_g();
     },
     "onnx.unsupported"},
    {"Function", [](onnx::ModelProto& m) { m.add_functions()->set_name("f"); }, "onnx.unsupported"},
    {"SequenceInput",
     [](onnx::ModelProto& m) { m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_sequence_type(); },
     "onnx.unsupported"},
    {"NoOpset", [](onnx::ModelProto& m) { m.clear_opset_import(); }, "onnx.corrupt"},
    {"NoGraph", [](onnx::ModelProto& m) { m.clear_graph(); }, "onnx.corrupt"},
    {"UnknownLengthWithoutName",
     [](onnx::ModelProto& m) {
       m.mutable_graph()
           ->mutable_input(0)
           ->mutable_type()
           ->mutable_tensor_type()
           ->mutable_shape()
           ->mutable_dim(0)
           ->Clear();
     },
     "read"},
    {"WeightListedAsInput",
     [](onnx::ModelProto& m) {
       onnx::ValueInfoProto& input = *m.mutable_graph()->add_input();
       input.set_name("weight");
       input.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
     },
     "read"},
    {"ConstantNode",
     [](onnx::ModelProto& m) {
       onnx::NodeProto& node = *m.mutable_graph()->add_node();
       node.set_op_type("Constant");
       node.add_output("constant");
       onnx::AttributeProto& value = *node.add_attribute();
       value.set_name("value");
       value.set_type(onnx::AttributeProto::TENSOR);
       *value.mutable_t() = firstWeight(m);
     },
     "read"},
    {"ConstantNodeWithoutValue", [](onnx::ModelProto& m) { m.mutable_graph()->add_node()->set_op_type("Constant"); },
     "onnx.corrupt"},
};
void PrintTo(const ForeignModel& model, std::ostream* out) {
  *out << model.name;
}

class Foreign : public testing::TestWithParam<ForeignModel> {};
INSTANTIATE_TEST_SUITE_P(Models, Foreign, testing::ValuesIn(kForeignModels),
                         [](const auto& test) { return test.param.name; });

TEST_P(Foreign, ModelIsReadOrRefusedByItsReason) {
  onnx::ModelProto model = toModelProto(smallGraph());
  GetParam().change(model);
  EXPECT_EQ(outcome(model.SerializeAsString()), GetParam().outcome);
}

TEST(ReadOnnx, TurnsConstantNodesIntoInitialisersAndLeavesWeightsOutOfTheInputs) {
  onnx::ModelProto model = toModelProto(smallGraph());
  for (const ForeignModel& change : kForeignModels)
    if (std::string_view(change.name) == "ConstantNode" || std::string_view(change.name) == "WeightListedAsInput")
      change.change(model);
  const std::string bytes = model.SerializeAsString();
  const Graph graph = readOnnx(std::as_bytes(std::span(bytes)));
  EXPECT_EQ(graph.inputs.size(), 1u);
  EXPECT_EQ(graph.nodes.size(), 4u);
  EXPECT_EQ(graph.initialisers.back().name, "constant");
  EXPECT_EQ(graph.initialisers.back().bytes, graph.initialisers.front().bytes);
}

TEST(ReadOnnx, RefusesOtherKindsOfFiles) {
  for (const std::string& text : {std::string(), std::string("hello"), std::string("<html></html>"),
                                  std::string("PK\x03\x04xyz"), std::string(4096, '\0'), std::string(4096, '\xff')})
    EXPECT_EQ(outcome(text), "onnx.corrupt");
}

TEST(ReadOnnx, RefusesEveryTruncationThatTouchesTheNetwork) {
  const std::string bytes = serialiseOnnx(smallGraph());
  int read = 0;
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const std::string result = outcome(bytes.substr(0, length));
    if (result == "read")
      ++read;
    else
      EXPECT_EQ(result, "onnx.corrupt") << length;
  }
  // Metadata comes last, and nothing in the format says that entries are missing: one cut before each of the two.
  EXPECT_EQ(read, 2);
}

TEST(ReadOnnx, SurvivesRandomDamage) {
  const std::string bytes = serialiseOnnx(smallGraph());
  std::mt19937 random(99);
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = bytes;
    for (int change = 0; change < 3; ++change) damaged[random() % damaged.size()] = static_cast<char>(random());
    const std::string result = outcome(damaged);
    EXPECT_TRUE(result == "read" || result.starts_with("onnx.")) << "round " << round << ": " << result;
  }
}

std::string varint(std::size_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

std::string field(int number, const std::string& content) {
  return varint(static_cast<std::size_t>(number) << 3 | 2) + varint(content.size()) + content;
}

TEST(ReadOnnx, RefusesMillionsOfEmptyNodesBeforeTheyTakeMemory) {
  // Two bytes each in the file; protobuf would make 8 million objects of them.
  std::string nodes;
  for (int i = 0; i < 8'000'000; ++i) nodes += std::string("\x0a\x00", 2);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome("\x08\x07" + field(7, nodes)), "onnx.too-large");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(ReadOnnx, RefusesGraphsThatNestWithoutEnd) {
  std::string graph;
  for (int level = 0; level < 2000; ++level) graph = field(1, field(5, field(6, graph)));  // node, attribute, graph
  EXPECT_EQ(outcome("\x08\x07" + field(7, graph)), "onnx.too-large");
}

}  // namespace
}  // namespace ocrdet
