#include <type_traits>
#include <utility>

#include "graph/element_type.h"
#include "ocrdet/version.h"
#include "onnx/model_proto.h"

namespace ocrdet {
namespace {

// The IR version that belongs to an opset, as torch.onnx.export writes it: runtimes refuse files with a newer one than
// they know, even if they know the opset.
std::int64_t irVersion(int opset) {
  if (opset <= 11) return 6;
  return opset <= 14 ? 7 : 8;
}

void fill(onnx::ValueInfoProto& proto, const Value& value) {
  proto.set_name(value.name);
  onnx::TypeProto::Tensor& type = *proto.mutable_type()->mutable_tensor_type();
  type.set_elem_type(static_cast<int>(onnxElementType(value.dtype)));
  onnx::TensorShapeProto& shape = *type.mutable_shape();  // also for a scalar: no shape would mean an unknown one
  for (const Dimension& dimension : value.shape) {
    onnx::TensorShapeProto::Dimension& axis = *shape.add_dim();
    if (dimension.fixed())
      axis.set_dim_value(dimension.length);
    else
      axis.set_dim_param(dimension.symbol);
  }
}

void fill(onnx::AttributeProto& proto, const std::string& name, const AttributeValue& value) {
  proto.set_name(name);
  std::visit(
      [&proto](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::int64_t>) {
          proto.set_type(onnx::AttributeProto::INT);
          proto.set_i(held);
        } else if constexpr (std::is_same_v<Held, float>) {
          proto.set_type(onnx::AttributeProto::FLOAT);
          proto.set_f(held);
        } else if constexpr (std::is_same_v<Held, std::string>) {
          proto.set_type(onnx::AttributeProto::STRING);
          proto.set_s(held);
        } else if constexpr (std::is_same_v<Held, std::vector<std::int64_t>>) {
          proto.set_type(onnx::AttributeProto::INTS);
          proto.mutable_ints()->Add(held.begin(), held.end());
        } else {
          proto.set_type(onnx::AttributeProto::FLOATS);
          proto.mutable_floats()->Add(held.begin(), held.end());
        }
      },
      value);
}

void fill(onnx::NodeProto& proto, const Node& node) {
  proto.set_name(node.name);
  proto.set_op_type(node.op);
  for (const std::string& input : node.inputs) proto.add_input(input);
  for (const std::string& output : node.outputs) proto.add_output(output);
  for (const auto& [name, value] : node.attributes) fill(*proto.add_attribute(), name, value);
}

void fill(onnx::TensorProto& proto, Initialiser&& initialiser) {
  proto.set_name(std::move(initialiser.name));
  proto.set_data_type(static_cast<int>(onnxElementType(initialiser.dtype)));
  proto.mutable_dims()->Add(initialiser.shape.begin(), initialiser.shape.end());
  proto.set_raw_data(std::move(initialiser.bytes));
}

}  // namespace

onnx::ModelProto toModelProto(Graph&& graph) {
  onnx::ModelProto model;
  model.set_ir_version(irVersion(graph.opset));
  model.set_producer_name("ocrdet");
  model.set_producer_version(kVersion);
  onnx::OperatorSetIdProto& opset = *model.add_opset_import();
  opset.set_domain("");
  opset.set_version(graph.opset);
  for (const auto& [key, value] : graph.metadata) {
    onnx::StringStringEntryProto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }

  onnx::GraphProto& proto = *model.mutable_graph();
  proto.set_name(graph.name);
  for (const Value& input : graph.inputs) fill(*proto.add_input(), input);
  for (const Value& output : graph.outputs) fill(*proto.add_output(), output);
  for (const Node& node : graph.nodes) fill(*proto.add_node(), node);
  for (Initialiser& initialiser : graph.initialisers) fill(*proto.add_initializer(), std::move(initialiser));
  return model;
}

}  // namespace ocrdet
