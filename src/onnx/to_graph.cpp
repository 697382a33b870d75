#include <fmt/format.h>

#include <unordered_set>
#include <utility>

#include "graph/element_type.h"
#include "graph/initialiser.h"
#include "ocrdet/error.h"
#include "onnx/model_proto.h"
#include "onnx/tensor_bytes.h"

namespace ocrdet {
namespace {

[[noreturn]] void unsupported(std::string message) {
  throw Error({&codes::kOnnxUnsupported, std::move(message), "The file may still run; it cannot be rewritten here."});
}

bool isDefaultDomain(const std::string& domain) {
  return domain.empty() || domain == "ai.onnx";
}

int opsetOf(const onnx::ModelProto& model) {
  for (const onnx::OperatorSetIdProto& opset : model.opset_import())
    if (isDefaultDomain(opset.domain()) && opset.version() >= 1 && opset.version() <= 1000)
      return static_cast<int>(opset.version());
  throw Error({&codes::kOnnxCorrupt, "The model does not say which opset it is written in.",
               "Export it again from where it comes from."});
}

// An axis without length and name gets a name of its own.
Dimension toDimension(const onnx::TensorShapeProto::Dimension& axis, const std::string& value, std::size_t number) {
  if (axis.has_dim_value() && axis.dim_value() >= 0) return {axis.dim_value(), {}};
  if (axis.has_dim_param() && !axis.dim_param().empty()) return {0, axis.dim_param()};
  return {0, fmt::format("{}_axis{}", value, number)};
}

Value toValue(const onnx::ValueInfoProto& proto) {
  if (!proto.type().has_tensor_type()) unsupported(fmt::format("'{}' is not a tensor.", proto.name()));
  const onnx::TypeProto::Tensor& type = proto.type().tensor_type();
  const auto dtype = dtypeOfOnnxElementType(type.elem_type());
  if (!dtype)
    unsupported(fmt::format("'{}' has the element type {}, which is not supported.", proto.name(), type.elem_type()));
  Value value{proto.name(), *dtype, {}};
  for (const onnx::TensorShapeProto::Dimension& axis : type.shape().dim())
    value.shape.push_back(toDimension(axis, value.name, value.shape.size()));
  return value;
}

AttributeValue toAttribute(onnx::AttributeProto& proto, const std::string& node) {
  switch (proto.type()) {
    case onnx::AttributeProto::INT:
      return proto.i();
    case onnx::AttributeProto::FLOAT:
      return proto.f();
    case onnx::AttributeProto::STRING:
      return std::move(*proto.mutable_s());
    case onnx::AttributeProto::INTS:
      return std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end());
    case onnx::AttributeProto::FLOATS:
      return std::vector<float>(proto.floats().begin(), proto.floats().end());
    default:
      unsupported(
          fmt::format("The attribute '{}' of node '{}' is a subgraph, a tensor or of another kind that only few "
                      "operators have.",
                      proto.name(), node));
  }
}

Node toNode(onnx::NodeProto& proto, int number) {
  Node node;
  node.op = proto.op_type();
  node.name = proto.name().empty() ? fmt::format("{}_{}", node.op, number) : proto.name();
  if (!isDefaultDomain(proto.domain()))
    unsupported(fmt::format("The node '{}' is {} of the domain '{}'.", node.name, node.op, proto.domain()));
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  for (onnx::AttributeProto& attribute : *proto.mutable_attribute())
    node.attributes[attribute.name()] = toAttribute(attribute, node.name);
  return node;
}

// A Constant node is an initialiser by another name.
Initialiser toConstant(onnx::NodeProto& proto) {
  if (proto.attribute_size() != 1 || proto.output_size() != 1)
    throw Error({&codes::kOnnxCorrupt, fmt::format("The Constant node '{}' does not have one value.", proto.name()),
                 "Export the model again from where it comes from."});
  onnx::AttributeProto& value = *proto.mutable_attribute(0);
  const std::string& name = proto.output(0);
  if (value.type() == onnx::AttributeProto::TENSOR) {
    Initialiser initialiser = takeInitialiser(*value.mutable_t());
    initialiser.name = name;
    return initialiser;
  }
  const AttributeValue attribute = toAttribute(value, proto.name());
  if (const auto* integer = std::get_if<std::int64_t>(&attribute))
    return makeInitialiser(name, {}, std::span(integer, 1));
  if (const auto* number = std::get_if<float>(&attribute)) return makeInitialiser(name, {}, std::span(number, 1));
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&attribute))
    return makeInitialiser(name, {static_cast<std::int64_t>(integers->size())}, *integers);
  if (const auto* numbers = std::get_if<std::vector<float>>(&attribute))
    return makeInitialiser(name, {static_cast<std::int64_t>(numbers->size())}, *numbers);
  unsupported(fmt::format("The Constant node '{}' holds text.", proto.name()));
}

}  // namespace

Graph toGraph(onnx::ModelProto&& model) {
  if (model.functions_size() > 0 || model.training_info_size() > 0 || model.graph().sparse_initializer_size() > 0)
    unsupported("The model has functions, training information or sparse tensors.");
  Graph graph;
  graph.opset = opsetOf(model);
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) graph.metadata[entry.key()] = entry.value();

  onnx::GraphProto& proto = *model.mutable_graph();
  graph.name = proto.name();
  std::unordered_set<std::string> constants;
  for (onnx::TensorProto& tensor : *proto.mutable_initializer()) {
    graph.initialisers.push_back(takeInitialiser(tensor));
    constants.insert(graph.initialisers.back().name);
  }
  // Before IR version 4 initialisers had to be listed as inputs too.
  for (const onnx::ValueInfoProto& input : proto.input())
    if (!constants.contains(input.name())) graph.inputs.push_back(toValue(input));
  for (const onnx::ValueInfoProto& output : proto.output()) graph.outputs.push_back(toValue(output));
  for (int i = 0; i < proto.node_size(); ++i) {
    onnx::NodeProto& node = *proto.mutable_node(i);
    if (node.op_type() == "Constant" && isDefaultDomain(node.domain()))
      graph.initialisers.push_back(toConstant(node));
    else
      graph.nodes.push_back(toNode(node, i));
  }
  return graph;
}

}  // namespace ocrdet
